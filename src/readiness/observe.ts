/** Observations of answers. */
import { type } from 'arktype'
import type { Observation } from './check.ts'
import { type Answer, field, shown } from './http.ts'

/** What an answer's problem says; undefined where it has none (RFC 9457). */
export function problemOf(answer: Answer): typeof problem.infer | undefined {
  if (field(answer, 'content-type')?.split(';')[0] !== 'application/problem+json') return undefined
  const read = problemText(answer.body)
  return read instanceof type.errors ? undefined : read
}

const problem = type({
  type: 'string',
  title: 'string',
  status: 'number',
  code: 'string',
  requestId: 'string',
})
const problemText = type('string.json.parse').to(problem)

/**
 * An answer, judged.
 *
 * @param names of the headers that it was judged by: the report shows them
 */
export function judged(answer: Answer, good: boolean, ...names: readonly string[]): Observation {
  const fields = names.map((name) => `${name}: ${shownField(answer, name)}`)
  const code = problemOf(answer)?.code
  return {
    sent: answer.sent,
    received: [String(answer.status), ...(code === undefined ? [] : [code]), ...fields].join('; '),
    good,
  }
}

/** The values of cookies stay where they are. */
const shownField = (answer: Answer, name: string): string => {
  const value = field(answer, name)
  if (value === undefined) return 'none'
  return shown(name === 'set-cookie' ? value.replace(/=[^;,]*/, '=…') : value)
}

/** An answer where a closed connection is as good as a refusal: no answer is one. */
export const refused = (sent: string, answer: Answer | undefined): Observation =>
  answer === undefined
    ? { sent, received: 'the connection was closed', good: true }
    : judged(answer, answer.status >= 400 && answer.status < 500)

/** Every answer of a sample, by the same rule. */
export const each = (
  answers: readonly Answer[],
  good: (answer: Answer) => boolean,
  ...names: readonly string[]
): Observation[] => answers.map((answer) => judged(answer, good(answer), ...names))
