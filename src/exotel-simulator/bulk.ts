/** `GET Calls`: calls by filters, a page at a time (documented; sample 54). */
import { type SimulatedCall, sameNumber } from './call.ts'
import { InvalidParameter } from './connect.ts'
import { bulkObject, type DetailsContext } from './details.ts'
import { stateAt } from './life.ts'
import type { JsonObject } from './reply.ts'

/**
 * @param calls oldest first
 * @throws {InvalidParameter}
 */
export function bulk(
  calls: readonly SimulatedCall[],
  query: URLSearchParams,
  context: DetailsContext,
  now: number,
): JsonObject {
  const size = pageSize(query)
  const newestFirst = sorting(query)
  const wanted = filters(query, now)
  const matches = calls.filter((call) => wanted.every((fits) => fits(call)))
  if (newestFirst) matches.reverse()
  const rank = ({ ordinal }: Pick<SimulatedCall, 'ordinal'>) => (newestFirst ? -ordinal : ordinal)
  const after = cursor(query, 'After')
  const before = cursor(query, 'Before')
  const isFrom = (call: SimulatedCall) => after === undefined || rank(call) > rank(after)
  const isUntil = (call: SimulatedCall) => before === undefined || rank(call) < rank(before)
  const between = matches.filter((call) => isFrom(call) && isUntil(call))
  const page = before === undefined ? between.slice(0, size) : between.slice(-size)
  const [first] = page
  const last = page.at(-1)
  const uri = (more: Readonly<Record<string, string>>) =>
    pageUri(context.account, query, size, more)
  return {
    Metadata: {
      Total: matches.length,
      PageSize: size,
      FirstPageUri: uri({}),
      PrevPageUri:
        first !== undefined && first !== matches[0] ? uri({ Before: spelled(first) }) : null,
      NextPageUri:
        last !== undefined && last !== matches.at(-1) ? uri({ After: spelled(last) }) : null,
    },
    Calls: page.map((call) => bulkObject(call, context, now)),
  }
}

type Filter = (call: SimulatedCall) => boolean

function filters(query: URLSearchParams, now: number): readonly Filter[] {
  const sids = values(query, 'Sid', 100)
  const statuses = values(query, 'Status', 10)
  const directions = values(query, 'Direction', 10)
  for (const word of statuses ?? [])
    if (!statusWords.includes(word)) throw new InvalidParameter('Invalid parameter: Status')
  const numbers = (name: string, of: (call: SimulatedCall) => string): readonly Filter[] => {
    const wanted = values(query, name, 5)
    return wanted === undefined
      ? []
      : [(call) => wanted.some((number) => sameNumber(number, of(call)))]
  }
  return [
    ...(sids === undefined ? [] : [(call: SimulatedCall) => sids.includes(call.sid)]),
    ...(statuses === undefined
      ? []
      : [({ life }: SimulatedCall) => statuses.includes(stateAt(life, now).status)]),
    ...(directions === undefined
      ? []
      : [({ direction }: SimulatedCall) => directions.includes(direction)]),
    ...numbers('To', ({ to }) => to),
    ...numbers('From', ({ from }) => from),
    ...numbers('PhoneNumber', ({ callerId }) => callerId),
    ...created(query.get('DateCreated'), now),
  ]
}

const statusWords: readonly string[] = [
  'queued',
  'in-progress',
  'completed',
  'failed',
  'busy',
  'no-answer',
]

/** Comma-separated values, of which only so many are taken. */
function values(query: URLSearchParams, name: string, most: number): readonly string[] | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const items = text.split(',').map((item) => item.trim())
  if (items.length > most) throw new InvalidParameter(`Invalid parameter: ${name} takes ${most}`)
  return items
}

/** `gte:2026-01-15 14:25:10;lte:…`, each of them optional. India's clock, to the second. */
function created(text: string | null, now: number): readonly Filter[] {
  if (text === null || text === '') return []
  const wrong = new InvalidParameter('Invalid parameter: DateCreated')
  let from: number | undefined
  let until = now
  for (const part of text.split(';')) {
    const [, bound, time = ''] =
      /^(gte|lte):(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})$/.exec(part) ?? []
    const at = Date.parse(`${time.replace(' ', 'T')}+05:30`)
    if (bound === undefined || Number.isNaN(at)) throw wrong
    if (bound === 'gte') from = at
    else until = at
  }
  // A month a request (documented); how more is refused is not known.
  if (from !== undefined && until - from > longestSpan) throw wrong
  const earliest = from ?? 0
  // The last second is within.
  return [({ life }) => life.startedAt >= earliest && life.startedAt < until + 1000]
}

const longestSpan = 31 * 86_400_000

function pageSize(query: URLSearchParams): number {
  const text = query.get('PageSize') ?? '50'
  const size = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (size < 1 || size > 100) throw new InvalidParameter('Invalid parameter: PageSize')
  return size
}

/** The newest first, unless it is said otherwise (assumed). */
function sorting(query: URLSearchParams): boolean {
  const text = query.get('SortBy') ?? 'DateCreated:desc'
  const [, order] = /^DateCreated:(asc|desc)$/.exec(text) ?? []
  if (order === undefined) throw new InvalidParameter('Invalid parameter: SortBy')
  return order === 'desc'
}

/** Opaque to clients (documented). */
const spelled = ({ ordinal }: SimulatedCall): string =>
  Buffer.from(String(ordinal)).toString('base64url')

function cursor(query: URLSearchParams, name: string): { readonly ordinal: number } | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  const ordinal = Buffer.from(text, 'base64url').toString()
  if (!/^\d{1,15}$/.test(ordinal)) throw new InvalidParameter(`Invalid parameter: ${name}`)
  return { ordinal: Number(ordinal) }
}

function pageUri(
  account: string,
  query: URLSearchParams,
  size: number,
  more: Readonly<Record<string, string>>,
): string {
  const next = new URLSearchParams(query)
  for (const name of ['After', 'Before']) next.delete(name)
  next.set('PageSize', String(size))
  for (const [name, value] of Object.entries(more)) next.set(name, value)
  return `/v1/Accounts/${account}/Calls.json?${next}`
}
