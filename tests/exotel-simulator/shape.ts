/** What two messages have in common that speak of different calls: names, order, spellings. */

/** A value with every number, time, address and id replaced by its kind. Words stay as they are. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)])
  if (typeof value === 'number') return '(a number)'
  return typeof value === 'string' ? kindOf(value) : value
}

const kinds: readonly (readonly [string, RegExp])[] = [
  ['(no time)', /^1970-01-01 05:30:00$/],
  ['(a time)', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/],
  ['(a time in words)', /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d$/],
  ['(a telephone)', /^0\d{10}$/],
  ['(a price)', /^\d+\.\d{3}$/],
  ['(digits)', /^\d+$/],
  ['(a Sid)', /^[a-z0-9]{32}$/],
  ['(an id)', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  ['(a signed recording)', /^https?:\/\/[^/]+\/exotelrecordings\/\w+\/[a-z0-9]{32}\.mp3\?X-Amz-/],
  ['(a recording)', /^https?:\/\/[^/]+\/exotelrecordings\/\w+\/[a-z0-9]{32}\.mp3$/],
  ['(a call)', /^\/v1\/Accounts\/\w+\/Calls\.json\/[a-z0-9]{32}$/],
  ['(a page)', /^\/v1\/Accounts\/\w+\/Calls\.json\?PageSize=50$/],
  ['(an account)', /^(exampletenant1|calysimulator1)$/],
]

const kindOf = (text: string): string => kinds.find(([, form]) => form.test(text))?.[0] ?? text

/** The fields of a multipart body, in their order. */
export const multipartFields = (body: string) =>
  [...body.matchAll(/name="([^"]+)"\r\n\r\n(.*)\r\n/g)].map(([, name, value]) => [
    name,
    shapeOf(value),
  ])

/** Those of a query. */
export const queryFields = (query: string) =>
  [...new URLSearchParams(query)].map(([name, value]) => [name, shapeOf(value)])
