/** Rows of this folder as the API shows them: camelCase, ISO 8601 with milliseconds, null for absent. */
import { type } from 'arktype'
import { decodeCursor, encodeCursor } from '../hooks/validation/index.ts'
import type { ApiKey } from './keys/keys.ts'
import type { Page } from './page.ts'
import type { keyAnswer, sessionAnswer, userAnswer } from './schemas.ts'
import type { Session } from './sessions/sessions.ts'
import type { User } from './users/user.ts'

/** A user, without what is the server's business. */
export const userView = (user: User): typeof userAnswer.infer => ({
  id: user.id,
  email: user.email,
  name: user.name,
  role: user.role,
  disabled: user.disabled,
  createdAt: user.createdAt.toISOString(),
  lastLoginAt: user.lastLoginAt?.toISOString() ?? null,
})

/** A key, by its prefix. */
export const keyView = (key: ApiKey): typeof keyAnswer.infer => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  scopes: key.scopes,
  createdAt: key.createdAt.toISOString(),
  expiresAt: key.expiresAt?.toISOString() ?? null,
  lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
})

/** What a login or a refresh answers. */
export const sessionView = ({ user, ...tokens }: Session): typeof sessionAnswer.infer => ({
  ...tokens,
  user: userView(user),
})

const position = type({ id: 'string.uuid' })

/** Which list, and whose: a cursor is of no use for another. */
export interface List {
  readonly list: 'users' | 'keys'
  readonly clientId: string
}

/** The part of a list that a query asks for. Throws a ValidationError for a foreign cursor. */
export const pageOf = (list: List, query: { limit: number; cursor?: string }): Page => ({
  limit: query.limit,
  after: query.cursor === undefined ? undefined : decodeCursor(query.cursor, position, list).id,
})

/** A page of a list: rows were read up to one more than the limit. */
export function pageView<Row extends { readonly id: string }, View>(
  list: List,
  { limit }: Page,
  rows: readonly Row[],
  view: (row: Row) => View,
): { items: View[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const more = rows.length > limit && last !== undefined
  return {
    items: shown.map(view),
    nextCursor: more ? encodeCursor({ id: last.id }, list) : null,
  }
}
