/** Requests whose answers many checks look at. None of them changes anything. */
import { randomUUID } from 'node:crypto'
import type { Answer, Asked } from '../http.ts'
import type { Target } from '../target.ts'

/** A path that nothing is at. */
const nowhere = `/api/readiness-${randomUUID()}`

const jsonType = { 'content-type': 'application/json' }

/** A route that takes a body from anybody, reads it before all else, and does nothing with a wrong one. */
const openRoute = '/api/auth/refresh'

/** A body for that route. */
export const posted = (body: string | Uint8Array, headers: Asked['headers'] = {}): Asked => ({
  ...{ method: 'POST', path: openRoute, headers: { ...jsonType, ...headers }, body },
})

/** What anybody is answered. */
export const index: Asked = { path: '/api' }
/** What a stranger is refused. */
export const guarded: Asked = { path: '/api/calls' }
export const missing: Asked = { path: nowhere }
export const wrongMethod: Asked = { method: 'DELETE', path: '/api' }
export const malformed: Asked = posted('{"')
export const invalid: Asked = posted('{"refreshToken":1}')

/** Refusals, one of a kind. */
export const refusals = [guarded, missing, wrongMethod, malformed, invalid] as const

/** One answer of every kind that a stranger gets. */
export const sample = (target: Target): Promise<readonly Answer[]> =>
  Promise.all([index, ...refusals].map((request) => target.once(request)))

/** The refusals among them. */
export const refusalsOf = (target: Target): Promise<readonly Answer[]> =>
  Promise.all(refusals.map((request) => target.once(request)))
