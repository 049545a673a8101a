/** `POST /v1/querybatch`: which records there are about which of many packages. */
import { type } from 'arktype'
import type { HttpClient } from '../../http.ts'
import type { PackageId } from '../../model.ts'
import { chunks } from '../chunks.ts'
import type { Gaps } from '../problems.ts'
import { isId } from '../text.ts'

/** Queries in one batch: the API's own bound. */
const batchSize = 1000
/** Pages of one query's answer that are read: a thousand ids each, and no package has as many. */
const mostPages = 20

const answer = type({
  results: type({
    'vulns?': type({ id: 'string' }).array().or('null'),
    'next_page_token?': 'string | null',
  })
    .or('null')
    .array(),
})

interface Query {
  readonly of: PackageId
  readonly pageToken?: string
}

/**
 * Asks for the ids of the records about each package.
 *
 * @param missing is told what could not be asked, in packages
 * @returns the packages of each id
 */
export async function idsOf(
  packages: readonly PackageId[],
  { http, api, missing }: { http: HttpClient; api: string; missing: Gaps },
  signal: AbortSignal,
): Promise<Map<string, PackageId[]>> {
  const found = new Map<string, PackageId[]>()
  const ask = async (batch: readonly Query[], page: number): Promise<void> => {
    const body = { queries: batch.map(queryOf) }
    const reply = await http.json(`${api}/v1/querybatch`, { body }, signal)
    const results = reply.ok ? resultsOf(reply.value, batch) : reply.why
    if (typeof results === 'string') return missing.add(results, batch.length)
    for (const { of, ids } of results)
      for (const id of ids) found.set(id, [...(found.get(id) ?? []), of])
    const further = results.flatMap(({ of, next }) => (next ? [{ of, pageToken: next }] : []))
    if (further.length === 0) return
    if (page >= mostPages) missing.add('the API has more pages than are read', further.length)
    else await ask(further, page + 1)
  }
  const queries = packages.map((of) => ({ of }))
  await Promise.all(chunks(queries, batchSize).map((batch) => ask(batch, 1)))
  return found
}

function queryOf({ of: { ecosystem, name, version }, pageToken }: Query) {
  return {
    package: { ecosystem, name },
    version,
    ...(pageToken !== undefined && { page_token: pageToken }),
  }
}

/** What each query came to; why it is no answer, in words that end a sentence, where it is none. */
function resultsOf(value: unknown, batch: readonly Query[]) {
  const read = answer(value)
  // A result for each query, by its place: with one more or less, nothing says whose is whose.
  if (read instanceof type.errors || read.results.length !== batch.length)
    return 'the API answered with something else'
  const ids = read.results.map((result) => (result?.vulns ?? []).map(({ id }) => id))
  if (ids.flat().some((id) => !isId(id))) return 'the API answered with ids that are none'
  return batch.map(({ of }, place) => ({
    of,
    ids: ids[place] ?? [],
    next: read.results[place]?.next_page_token,
  }))
}
