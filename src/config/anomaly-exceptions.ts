import { type } from 'arktype'

/** What attack detection lets pass on a route, as an operator wrote it. */
export interface AnomalyExceptionSetting {
  readonly route: string
  readonly method?: string
  readonly place?: 'path' | 'query' | 'header' | 'body'
  readonly name?: string
  /** Whether there are such routes and kinds is judged where they are known. */
  readonly kinds?: readonly string[]
}

const spelling =
  /^(?:([A-Z]+) )?(\/\S*)(?: (path|query|header|body)(?:\.(\S+))?)?(?: ([a-z-]+(?:\|[a-z-]+)*))?$/

const places = ['path', 'query', 'header', 'body'] as const

/**
 * `[METHOD ]/route/template[ place[.name]][ kind|kind]`, several with semicolons between, such as
 * `PATCH /api/calls/:id body.notes sql-injection|cross-site-scripting; /api/calls query`.
 */
export const anomalyExceptions = type('string').pipe((text, ctx) => {
  const entries = text.split(';').map((entry) => entry.trim())
  const read = entries.filter((entry) => entry !== '').map(exceptionOf)
  const known = read.filter((exception) => exception !== undefined)
  return known.length === read.length
    ? known
    : ctx.error(
        '`[METHOD ]/route/template[ place[.name]][ kind|kind]`, with semicolons between several, and a place of path, query, header, body',
      )
})

function exceptionOf(entry: string): AnomalyExceptionSetting | undefined {
  const [, method, route, place, name, kinds] = spelling.exec(entry) ?? []
  if (route === undefined) return undefined
  const known = places.find((one) => one === place)
  return {
    route,
    ...(method !== undefined && { method }),
    ...(known !== undefined && { place: known }),
    ...(name !== undefined && { name }),
    ...(kinds !== undefined && { kinds: kinds.split('|') }),
  }
}
