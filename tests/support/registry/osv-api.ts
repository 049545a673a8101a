/** OSV's API: `POST /v1/querybatch` and `GET /v1/vulns/{id}`. */
import { speaksOf } from './ranges.ts'
import type { StandInRecord } from './records.ts'

interface Query {
  readonly package?: { readonly name?: string; readonly ecosystem?: string; readonly purl?: string }
  readonly version?: string
  readonly page_token?: string
}

/** The answer to a batch: per query a page of ids, and a token where there are more. */
export interface BatchAnswer {
  readonly results: readonly {
    readonly vulns?: readonly { readonly id: string; readonly modified: string }[]
    readonly next_page_token?: string
  }[]
}

/** @param pageSize ids in one page of one query's answer */
export function batchAnswer(
  records: readonly StandInRecord[],
  queries: readonly Query[],
  pageSize: number,
): BatchAnswer {
  return {
    results: queries.map((query) => {
      const found = records.filter((record) => matches(record, query))
      const from = Number(query.page_token ?? 0)
      const vulns = found.slice(from, from + pageSize).map(({ id, modified }) => ({ id, modified }))
      return {
        // The API leaves an empty list out.
        ...(vulns.length > 0 && { vulns }),
        ...(found.length > from + pageSize && { next_page_token: String(from + pageSize) }),
      }
    }),
  }
}

function matches(record: StandInRecord, query: Query): boolean {
  const { ecosystem, name, version } = target(query)
  if (record.withdrawn !== undefined) return false
  return (record.affected ?? []).some((affected) => {
    if (affected.package?.ecosystem !== ecosystem || affected.package?.name !== name) return false
    // Other ecosystems' orders of versions are left to the lists.
    if (ecosystem !== 'npm') return affected.versions?.includes(version) === true
    return speaksOf(affected, version)
  })
}

function target(query: Query) {
  const { purl = '', name = '', ecosystem = '' } = query.package ?? {}
  const [, type = '', path = '', inside] = /^pkg:([^/]+)\/([^@]+)(?:@(.+))?$/.exec(purl) ?? []
  const version = query.version ?? decodeURIComponent(inside ?? '')
  if (purl === '') return { ecosystem, name, version }
  const ecosystems: Readonly<Record<string, string>> = { npm: 'npm', pypi: 'PyPI', maven: 'Maven' }
  return { ecosystem: ecosystems[type] ?? type, name: decodeURIComponent(path), version }
}
