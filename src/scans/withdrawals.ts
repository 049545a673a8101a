/** Whether what npm still lists was withdrawn: its registry has done so for weeks (npm/cli#3852). */
import { type } from 'arktype'
import { defaultOsvApi } from './endpoints.ts'
import type { HttpClient } from './http.ts'

/** Which of some advisories were withdrawn, by id: when. Never rejects; what is not known is left out. */
export type Withdrawals = (
  ids: readonly string[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<string, string>>

/** Ids that are looked up in one scan: beyond, they are taken for what npm says they are. */
const mostIds = 200

const record = type({ id: 'string', withdrawn: 'string > 0' })

/**
 * Looks advisories up in OSV's API, which tells by version of living ones only. An id that it does not
 * know, or cannot tell of, is not withdrawn: the finding stays.
 */
export function withdrawalsInOsv(http: HttpClient, api: string = defaultOsvApi): Withdrawals {
  const base = api.replace(/\/+$/, '')
  return async (ids, signal) => {
    const found = await Promise.all(
      ids.slice(0, mostIds).map(async (id) => {
        const answer = await http.json(`${base}/v1/vulns/${encodeURIComponent(id)}`, {}, signal)
        const read = answer.ok ? record(answer.value) : undefined
        return read === undefined || read instanceof type.errors || read.id !== id ? [] : [read]
      }),
    )
    return new Map(found.flat().map(({ id, withdrawn }) => [id, withdrawn]))
  }
}
