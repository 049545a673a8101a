/** How hostile requests are written down, sent and judged. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testedRuntime } from '../support/process.ts'

/** Stands in every request, and may stand in no answer and no line of the log. */
export const canary = 'kanarienvogel4711'

/**
 * How a request ends: `Caly 404` is an answer of Caly's own, `400` one that the runtime gives before
 * Caly is asked, `closed` none at all; several answers are separated by `, `.
 */
export type Outcome = string

/** A request as no well-meaning client sends it. */
export interface Hostile {
  readonly what: string
  /** Latin-1 where it is a text. */
  readonly bytes: string | Uint8Array
  /** The same on both runtimes, or by runtime; or what docs/runtimes.md says in the row of this name. */
  readonly is:
    | Outcome
    | { readonly bun: Outcome; readonly deno: Outcome }
    | { readonly row: string }
}

/** The rows of docs/runtimes.md for the tested runtime. */
export async function documentedOutcomes(): Promise<ReadonlyMap<string, Outcome>> {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
  const text = await readFile(join(root, 'docs/runtimes.md'), 'utf8')
  const rows = [...text.matchAll(/^\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)]
  return new Map(
    rows.map(([, what = '', bun = '', deno = '']) => [what, testedRuntime === 'bun' ? bun : deno]),
  )
}

/** How a request is to end on the tested runtime. */
export function expectedOutcome({ is }: Hostile, told: ReadonlyMap<string, Outcome>): Outcome {
  if (typeof is === 'string') return is
  return 'row' in is ? (told.get(is.row) ?? `not told: ${is.row}`) : is[testedRuntime]
}

/** One answer of those that came over a connection. */
export interface RawAnswer {
  readonly status: string
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** It has a request id: Caly's own. */
  readonly own: boolean
}

/** Takes apart what came over a connection. */
export function answersIn(text: string): RawAnswer[] {
  return text
    .split(/(?=HTTP\/1\.1 \d{3} )/)
    .filter((part) => part !== '')
    .map((part) => {
      const end = part.indexOf('\r\n\r\n')
      const [first = '', ...lines] = part.slice(0, end).split('\r\n')
      const headers = new Map(
        lines.map((line): [string, string] => {
          const colon = line.indexOf(':')
          return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
        }),
      )
      const status = first.split(' ')[1] ?? ''
      return { status, headers, body: part.slice(end + 4), own: headers.has('x-request-id') }
    })
}

/** The outcome, in the words of the tables. */
export function outcomeOf(text: string | undefined): Outcome {
  if (text === undefined) return 'left open'
  const answers = answersIn(text)
  return answers.length === 0
    ? 'closed'
    : answers.map(({ status, own }) => (own ? `Caly ${status}` : status)).join(', ')
}
