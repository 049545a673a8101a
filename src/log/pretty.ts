import { escapeText } from './escape.ts'

const colors = { trace: 90, debug: 36, info: 32, warn: 33, error: 31, fatal: 35 } as const

/** What stands elsewhere in the line, or says nothing to a person. */
const leftOut = new Set(['level', 'time', 'msg', 'trace_flags', 'span_id'])

/**
 * A line of JSON as a person reads it: time, level, message, then the fields. Every text is escaped,
 * so that only what is printed here begins a line; an error's frames follow, indented.
 */
export function prettyLine(json: string, colored: boolean): string {
  const line = JSON.parse(json) as Readonly<Record<string, unknown>>
  const level = String(line['level']) as keyof typeof colors
  const paint = (code: number, text: string) => (colored ? `\u001b[${code}m${text}\u001b[0m` : text)
  const isRequest = typeof line['durationMs'] === 'number' && typeof line['method'] === 'string'
  const frames: string[] = []
  const fields = Object.entries(line)
    .filter(([name]) => !(leftOut.has(name) || (isRequest && told.has(name))))
    .map(([name, value]) => `${paint(90, `${escapeText(name)}=`)}${spell(value, frames)}`)
  const time = String(line['time']).slice(11, 23)
  const head = `${paint(90, time)} ${paint(colors[level], level.toUpperCase().padEnd(5))}`
  const message = escapeText(isRequest ? requestText(line) : String(line['msg'] ?? ''))
  return `${[head, message, ...fields].join(' ')}\n${frames.map((frame) => `    ${escapeText(frame)}\n`).join('')}`
}

/** What {@linkcode requestText} says. */
const told = new Set(['method', 'route', 'path', 'status', 'durationMs', 'aborted'])

/** A request as one would tell it: `GET /api/calls 200 in 3.2 ms`. */
function requestText({
  method,
  path = '(no route)',
  status = 'aborted',
  durationMs,
}: Readonly<Record<string, unknown>>): string {
  return `${method} ${path} ${status} in ${Math.round(Number(durationMs) * 10) / 10} ms`
}

/** A word as it is, anything else as JSON; the frames of errors are put aside. */
function spell(value: unknown, frames: string[]): string {
  if (typeof value === 'string' && /^[\w.:/@+-]+$/.test(value)) return value
  const json = JSON.stringify(value, (name, inner: unknown) => {
    if (name !== 'stack' || typeof inner !== 'string') return inner
    frames.push(...inner.split('\n'))
    return undefined
  })
  return escapeText(json)
}
