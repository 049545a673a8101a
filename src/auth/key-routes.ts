import { Elysia } from 'elysia'
import { recordRead, requestOrigin } from '../audit/index.ts'
import { ValidationError } from '../errors.ts'
import { problems } from '../hooks/problem-details/index.ts'
import { accepts, answers, answersNothing } from '../hooks/validation/index.ts'
import type { GuardedRoutesOptions } from './auth-routes.ts'
import { createKeyAs, listKeys, type WantedKey } from './keys/keys.ts'
import { revokeKey } from './keys/revoke.ts'
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
        const view = pageView(list, page, rows, keyView)
        await recordRead(dependencies.audit, { of: 'api_keys', count: view.items.length })
        return view
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
        const wanted = wantedKey(body, dependencies.now())
        const { row, key } = await createKeyAs(dependencies, principal, wanted, requestOrigin())
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
      async ({ params: { id }, principal }) => {
        await revokeKey(dependencies, principal, id, requestOrigin())
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
          description:
            'Keys that were made with it are revoked too. A key can revoke those only whose scopes it has itself.',
          security,
        },
      },
    )
}

/** A key to be, as the body tells. */
function wantedKey({ name, scopes, expiresAt }: typeof newKeyBody.infer, now: number): WantedKey {
  const expiry = expiresAt == null ? null : new Date(expiresAt)
  if (expiry !== null && expiry.getTime() <= now)
    throw new ValidationError([
      { path: 'body.expiresAt', code: 'past', message: 'must be in the future' },
    ])
  return { name, scopes: [...new Set(scopes)], expiresAt: expiry }
}
