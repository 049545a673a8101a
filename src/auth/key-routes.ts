import { Elysia } from 'elysia'
import { requestOrigin } from '../audit/index.ts'
import { AuthorizationError, ValidationError } from '../errors.ts'
import { problems } from '../hooks/problem-details/index.ts'
import { accepts, answers, answersNothing } from '../hooks/validation/index.ts'
import type { GuardedRoutesOptions } from './auth-routes.ts'
import { createKey, listKeys, type NewKey, revokeKey } from './keys/keys.ts'
import { hasScopes, type Principal } from './principal.ts'
import { noContent, security } from './route.ts'
import { idParams, keyPage, newKeyAnswer, newKeyBody, pageQuery } from './schemas.ts'
import { keyView, pageOf, pageView } from './view.ts'

const tags = ['API keys']
const scope = 'keys:write'

/** The API keys of one's own client. */
export function keyRoutes({ service: { dependencies }, guard }: GuardedRoutesOptions) {
  return new Elysia({ name: 'caly/keys', prefix: '/api/keys' })
    .use(guard)
    .get(
      '',
      async ({ principal: { clientId }, query }) => {
        const list = { list: 'keys', clientId } as const
        const page = pageOf(list, query)
        const rows = await listKeys(dependencies.db, clientId, page)
        return pageView(list, page, rows, keyView)
      },
      {
        scope,
        query: accepts('query', pageQuery),
        response: { 200: answers(keyPage), ...problems(401, 403, 422, 503) },
        detail: {
          tags,
          operationId: 'listKeys',
          summary: 'List API keys that were not revoked, newest first',
          security,
        },
      },
    )
    .post(
      '',
      async ({ body, principal, status }) => {
        const wanted = newKey(principal, body, dependencies.now())
        const { row, key } = await createKey(dependencies, wanted, requestOrigin())
        return status(201, { ...keyView(row), key })
      },
      {
        scope,
        body: accepts('body', newKeyBody),
        response: { 201: answers(newKeyAnswer), ...problems(400, 401, 403, 422, 503) },
        detail: {
          tags,
          operationId: 'createKey',
          summary: 'Make an API key',
          description:
            'The key is shown this once. Its scopes are at most those of its creator, and stay so when the creator loses some.',
          security,
        },
      },
    )
    .delete(
      '/:id',
      async ({ params: { id }, principal: { clientId } }) => {
        await revokeKey(dependencies, { id, clientId }, requestOrigin())
        return noContent()
      },
      {
        scope,
        params: accepts('params', idParams),
        response: { 204: answersNothing, ...problems(401, 403, 404, 422, 503) },
        detail: {
          tags,
          operationId: 'revokeKey',
          summary: 'Revoke an API key, within a second and for good',
          security,
        },
      },
    )
}

/** What a principal asks for, where they may. A key that makes a key hands on who answers for it. */
function newKey(
  principal: Principal,
  { name, scopes, expiresAt }: typeof newKeyBody.infer,
  now: number,
): NewKey {
  if (!hasScopes(principal, scopes))
    throw new AuthorizationError('A key can have no scope that its creator has not')
  const expiry = expiresAt == null ? null : new Date(expiresAt)
  if (expiry !== null && expiry.getTime() <= now)
    throw new ValidationError([
      { path: 'body.expiresAt', code: 'past', message: 'must be in the future' },
    ])
  return {
    clientId: principal.clientId,
    name,
    scopes: [...new Set(scopes)],
    expiresAt: expiry,
    createdBy: principal.type === 'user' ? principal.id : (principal.createdBy ?? null),
  }
}
