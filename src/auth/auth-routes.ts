import { type AnyElysia, Elysia } from 'elysia'
import { requestOrigin } from '../audit/index.ts'
import { AuthenticationError, AuthorizationError, NotFoundError } from '../errors.ts'
import { problems } from '../hooks/problem-details/index.ts'
import { accepts, answers, answersNothing, optional } from '../hooks/validation/index.ts'
import type { Authentication } from './authentication.ts'
import { findKey } from './keys/keys.ts'
import { type PasswordLimits, tried } from './password-limits.ts'
import type { Principal } from './principal.ts'
import { noContent, security, usersOnly } from './route.ts'
import {
  keyAnswer,
  loginBody,
  logoutBody,
  passwordBody,
  refreshBody,
  sessionAnswer,
  userAnswer,
} from './schemas.ts'
import type { AuthService } from './service.ts'
import { findUser } from './users/list.ts'
import { changePassword } from './users/password.ts'
import { keyView, sessionView, userView } from './view.ts'

/** What routes of this folder need. */
export interface GuardedRoutesOptions {
  readonly service: AuthService
  /** Lets known principals in, and whatever else their requests have to pass. */
  readonly guard: Authentication
}

/** What the routes of logins need. */
export interface AuthRoutesOptions extends GuardedRoutesOptions {
  /** What the requests of strangers have to pass. */
  readonly open: AnyElysia
  /** Bounds how often passwords are tried. */
  readonly limits: PasswordLimits
}

const tags = ['Authentication']

/** Logging in, staying logged in, logging out; and who one is. */
export function authRoutes(options: AuthRoutesOptions) {
  return new Elysia({ name: 'caly/auth', prefix: '/api/auth' })
    .use(loginRoute(options))
    .use(sessionRoutes(options))
    .use(ownRoutes(options))
}

function loginRoute({ service: { sessions }, open, limits }: AuthRoutesOptions) {
  return new Elysia()
    .use(limits)
    .use(open)
    .post('/login', async ({ body }) => sessionView(await sessions.login(body)), {
      limit: tried,
      body: accepts('body', loginBody),
      response: { 200: answers(sessionAnswer), ...problems(400, 401, 422, 429, 503) },
      detail: { tags, operationId: 'logIn', summary: 'Log in with e-mail and password' },
    })
}

/** By refresh token. Not limited as logins are: it cannot be guessed, and an office shares one address. */
function sessionRoutes({ service, open }: AuthRoutesOptions) {
  const { sessions, denials } = service
  return new Elysia()
    .use(open)
    .post(
      '/refresh',
      async ({ body }) => {
        try {
          return sessionView(await sessions.refresh(body.refreshToken))
        } catch (error) {
          if (error instanceof AuthenticationError) await denials.stranger('invalid_refresh_token')
          throw error
        }
      },
      {
        body: accepts('body', refreshBody),
        response: { 200: answers(sessionAnswer), ...problems(400, 401, 422, 503) },
        detail: {
          tags,
          operationId: 'refreshSession',
          summary: 'Exchange a refresh token for new tokens',
          description: 'A refresh token is good for one exchange: a second use ends the session.',
        },
      },
    )
    .post(
      '/logout',
      async ({ body, request }) => {
        if (body.refreshToken !== undefined) await sessions.endByToken(body.refreshToken)
        else await sessions.end(sessionOf(await service.authenticate(request)))
        return noContent()
      },
      {
        body: optional(accepts('body', logoutBody)),
        response: { 204: answersNothing, ...problems(400, 401, 403, 422, 503) },
        detail: {
          tags,
          operationId: 'logOut',
          summary: 'End a session',
          description:
            'The session of the refresh token in the body, else that of the access token. Its access tokens end within a second.',
          security: [{}, ...security],
        },
      },
    )
}

/** One's own account. */
function ownRoutes({ service, guard, limits }: AuthRoutesOptions) {
  return new Elysia()
    .use(guard)
    .get('/me', ({ principal }) => whoIs(service, principal), {
      response: { 200: answers(userAnswer.or(keyAnswer)), ...problems(401, 503) },
      detail: {
        tags,
        operationId: 'getMe',
        summary: 'Who these credentials stand for: a user or a key',
        security,
      },
    })
    .use(limits)
    .post(
      '/password',
      async ({ body, principal }) => {
        const { userId } = sessionOf(principal)
        await changePassword(service.dependencies, { userId, ...body }, requestOrigin())
        return noContent()
      },
      {
        limit: tried,
        body: accepts('body', passwordBody),
        response: { 204: answersNothing, ...problems(400, 401, 403, 409, 422, 429, 503) },
        detail: {
          tags,
          operationId: 'changePassword',
          summary: "Change one's own password",
          description: 'Ends all sessions of the user, this one too: log in again.',
          ...usersOnly,
        },
      },
    )
}

/** The session of a principal; a key has none. */
function sessionOf({ type, id, sessionId }: Principal): { userId: string; sessionId: string } {
  if (type === 'user' && sessionId !== undefined) return { userId: id, sessionId }
  throw new AuthorizationError('This is for users who have logged in, not for API keys')
}

/** A key's scopes are those of today, not those that it was made with. */
async function whoIs({ dependencies: { db } }: AuthService, { type, id, scopes }: Principal) {
  if (type === 'user') {
    const user = await findUser(db, id)
    if (user) return userView(user)
  } else {
    const key = await findKey(db, id)
    if (key) return keyView({ ...key, scopes: [...scopes] })
  }
  // Erased since its credentials were checked.
  throw new NotFoundError('These credentials stand for nobody any more')
}
