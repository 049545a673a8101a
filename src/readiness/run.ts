/** Runs checks: one that fails, throws or never ends stops no other. */
import type { Check, Context, Observation } from './check.ts'

/** How a check ended. */
export type Status = 'pass' | 'fail' | 'skip'

/** What came of a check. */
export interface Result {
  readonly check: Check
  readonly status: Status
  readonly sent: string
  readonly received: string
  readonly milliseconds: number
}

/** How checks are run. */
export interface RunOptions {
  /** Whether those that place a call, write rows or take of a limit run too. @default false */
  readonly intrusive?: boolean
  /** Milliseconds that a check may take that says nothing else. @default 15000 */
  readonly limit?: number
  /** Milliseconds after which no further check begins. @default 180000 */
  readonly totalLimit?: number
}

/** Checks that run at the same time: a service in production has others to answer. */
const together = 4

/** Runs checks, and gives the results in their order. Those that are intrusive come last, one by one. */
export async function runChecks(
  checks: readonly Check[],
  context: Context,
  { intrusive = false, limit = 15_000, totalLimit = 180_000 }: RunOptions = {},
): Promise<readonly Result[]> {
  const results = new Map<Check, Result>()
  const deadline = performance.now() + totalLimit
  const work = async (queue: Check[]) => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      results.set(next, await resultOf(next, context, { intrusive, limit, deadline }))
  }
  const harmless = checks.filter((check) => !check.intrusive)
  await Promise.all(Array.from({ length: together }, () => work(harmless)))
  await work(checks.filter((check) => check.intrusive))
  return checks.flatMap((check) => results.get(check) ?? [])
}

interface Bounds {
  readonly intrusive: boolean
  readonly limit: number
  readonly deadline: number
}

async function resultOf(
  check: Check,
  context: Context,
  { intrusive, limit, deadline }: Bounds,
): Promise<Result> {
  const skipped = (received: string): Result => ({
    ...{ check, status: 'skip', sent: '', received, milliseconds: 0 },
  })
  if (check.intrusive && !intrusive) return skipped('needs --intrusive')
  const began = performance.now()
  if (began > deadline) return skipped('the time of the whole run was over')
  const ended = (status: Status, { sent, received }: Pick<Observation, 'sent' | 'received'>) => ({
    ...{ check, status, sent, received },
    milliseconds: Math.round(performance.now() - began),
  })
  try {
    const patience = check.limit ?? limit
    const outcome = await within(patience, check.run(context))
    if (outcome === undefined)
      return ended('fail', { sent: '', received: `nothing came of it within ${patience} ms` })
    if ('missing' in outcome) return skipped(`needs ${outcome.missing}`)
    const bad = outcome.find(({ good }) => !good)
    if (bad !== undefined) return ended('fail', bad)
    const [first] = outcome
    // A check that looked at nothing has shown nothing.
    if (first === undefined) return ended('fail', { sent: '', received: 'nothing was looked at' })
    const more = outcome.length - 1
    const also = more === 0 ? '' : ` (and ${more} more as good)`
    return ended('pass', { sent: first.sent, received: `${first.received}${also}` })
  } catch (error) {
    return ended('fail', { sent: '', received: reasonOf(error) })
  }
}

/** Messages of strangers' errors may hold addresses with passwords: those of our own do not. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.name === 'WireError'
    ? error.message
    : `the check failed: ${error instanceof Error ? error.name : 'unknown'}`

/** A promise, or undefined where it takes longer. */
async function within<Value>(limit: number, work: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limit)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
