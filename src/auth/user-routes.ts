import { Elysia } from 'elysia'
import { recordRead, requestOrigin } from '../audit/index.ts'
import { problems } from '../hooks/problem-details/index.ts'
import { accepts, answers, answersNothing } from '../hooks/validation/index.ts'
import type { GuardedRoutesOptions } from './auth-routes.ts'
import { noContent, security } from './route.ts'
import {
  idParams,
  newUserBody,
  pageQuery,
  userAnswer,
  userChangesBody,
  userPage,
} from './schemas.ts'
import { changeUser, eraseUser } from './users/change.ts'
import { createUserAs } from './users/create.ts'
import { listUsers } from './users/list.ts'
import { pageOf, pageView, userView } from './view.ts'

const tags = ['Users']
const scope = 'users:write'

/** The users of one's own client, for its admins. */
export function userRoutes({ service: { dependencies }, guard }: GuardedRoutesOptions) {
  const params = accepts('params', idParams)
  return new Elysia({ name: 'caly/users', prefix: '/api/users' })
    .use(guard)
    .get(
      '',
      async ({ principal: { clientId }, query }) => {
        const list = { list: 'users', clientId } as const
        const page = pageOf(list, query)
        const rows = await listUsers(dependencies.db, clientId, page)
        const view = pageView(list, page, rows, userView)
        await recordRead(dependencies.audit, { of: 'users', count: view.items.length })
        return view
      },
      {
        scope,
        query: accepts('query', pageQuery),
        response: { 200: answers(userPage), ...problems(401, 403, 422, 503) },
        detail: { tags, operationId: 'listUsers', summary: 'List users, newest first', security },
      },
    )
    .post(
      '',
      async ({ body, principal, status }) => {
        const user = await createUserAs(dependencies, principal, body, requestOrigin())
        return status(201, userView(user))
      },
      {
        scope,
        body: accepts('body', newUserBody),
        response: { 201: answers(userAnswer), ...problems(400, 401, 403, 409, 422, 503) },
        detail: { tags, operationId: 'createUser', summary: 'Create a user', security },
      },
    )
    .patch(
      '/:id',
      async ({ body, params, principal }) =>
        userView(await changeUser(dependencies, principal, params.id, body, requestOrigin())),
      {
        scope,
        params,
        body: accepts('body', userChangesBody),
        response: { 200: answers(userAnswer), ...problems(400, 401, 403, 404, 409, 422, 503) },
        detail: {
          tags,
          operationId: 'updateUser',
          summary: 'Rename a user, change their role, or disable them',
          description:
            'A new role or a disabled login ends all sessions of the user within a second. Keys that the user made never have more scopes than the user. The last enabled admin stays one.',
          security,
        },
      },
    )
    .delete(
      '/:id',
      async ({ params, principal }) => {
        await eraseUser(dependencies, principal, params.id, requestOrigin())
        return noContent()
      },
      {
        scope,
        params,
        response: { 204: answersNothing, ...problems(401, 403, 404, 409, 422, 503) },
        detail: {
          tags,
          operationId: 'eraseUser',
          summary: 'Erase a user',
          description:
            'Name and e-mail are erased for good, all sessions end, keys that the user made are revoked. To be able to undo it, disable the user instead.',
          security,
        },
      },
    )
}
