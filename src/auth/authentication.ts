import { Elysia } from 'elysia'
import { v4 as uuidv4 } from 'uuid'
import { AuthorizationError } from '../errors.ts'
import type { Principal } from './principal.ts'
import { security } from './route.ts'
import type { Scope } from './scopes.ts'
import type { AuthService } from './service.ts'

/** Options of {@linkcode authentication}. */
export interface AuthenticationOptions {
  readonly service: Pick<AuthService, 'authenticate' | 'denials'>
}

/** What routes behind {@linkcode authentication} may use. */
export type Authentication = ReturnType<typeof authentication>

/**
 * Lets only known principals in, and gives handlers their `principal`. The option `scope` of a
 * route names what the principal must be allowed to do. Speaks for the routes that are added after
 * it to the instance that uses it, and for no others.
 * Stage: transform, so that strangers get 401 before 422, and a missing scope 403 before 422.
 *
 * @example A route for whoever may read calls
 * ```ts
 * import { equal } from 'node:assert/strict'
 * import { Elysia } from 'elysia'
 * import { AuthenticationError } from '../errors.ts'
 * const service = {
 *   authenticate: () => Promise.reject(new AuthenticationError('AUTHENTICATION_REQUIRED', 'Who?')),
 *   denials: { stranger: () => Promise.resolve(), principal: () => Promise.resolve() },
 * }
 * const app = new Elysia()
 *   .use(authentication({ service }))
 *   .get('/', ({ principal }) => principal.id, { scope: 'calls:read' })
 * equal((await app.handle(new Request('http://localhost/'))).status, 401)
 * ```
 */
export function authentication({ service }: AuthenticationOptions) {
  // Elysia drops a plugin whose name and seed it has seen; this one differs by its service.
  return new Elysia({ name: 'caly/authentication', seed: uuidv4() })
    .derive({ as: 'scoped' }, async ({ request }) => ({
      principal: await service.authenticate(request),
    }))
    .macro({
      scope: (scope: Scope) => ({
        detail: published(scope),
        async transform(context: object) {
          const { principal } = context as { readonly principal: Principal }
          if (principal.scopes.includes(scope)) return
          await service.denials.principal(principal, scope)
          throw new AuthorizationError(`This needs the scope ${scope}`)
        },
      }),
    })
}

/** What the API's document says of a route with this scope: published is what is enforced. */
const published = (scope: Scope) => ({ security, 'x-scope': scope })
