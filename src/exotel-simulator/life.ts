/** The life of a call: who answers, how it ends. Follows from the numbers and the outcome asked for. */

/** A word for a call as a whole. */
export type CallWord = 'in-progress' | 'completed' | 'busy' | 'no-answer' | 'failed'

/**
 * A word for one leg. Nothing known is an empty text while the call lasts, null where the leg was
 * never dialled, and the text `null` after a failure (each seen in code).
 */
export type LegWord = CallWord | 'canceled' | '' | 'null' | null

/** Both legs: `From` and `To` of an outgoing call; the flow and the agent of an incoming one. */
export type LegWords = readonly [LegWord, LegWord]

/** What happens to a call. Times are milliseconds since the epoch. */
export interface Life {
  readonly startedAt: number
  /** When each leg answered; undefined for one that never does. */
  readonly answeredAt: readonly [number | undefined, number | undefined]
  readonly endedAt: number
  readonly status: Exclude<CallWord, 'in-progress'>
  /** At the end. */
  readonly legs: LegWords
}

interface Plot {
  readonly status: Life['status']
  readonly legs: LegWords
  /** How many legs answer. */
  readonly answers: 0 | 1 | 2
}

const completed: Plot = { status: 'completed', legs: ['completed', 'completed'], answers: 2 }

/** By the last four digits of whoever is called. All others complete. */
const plots: Readonly<Record<string, Plot>> = {
  '0001': { status: 'busy', legs: ['completed', 'busy'], answers: 1 },
  '0002': { status: 'no-answer', legs: ['completed', 'no-answer'], answers: 1 },
  '0003': { status: 'failed', legs: ['failed', 'null'], answers: 0 },
  // The agent hangs up while it rings: the word at the top misleads (documented).
  '0005': { status: 'failed', legs: ['completed', 'canceled'], answers: 1 },
  '0006': { status: 'no-answer', legs: ['no-answer', null], answers: 0 },
}

/** Whose call ends without a terminal callback: only Call Details tell how. */
export const losesItsEnd = (callee: string): boolean => callee.endsWith('0004')

/** @param step milliseconds between two states */
export function outgoingLife(callee: string, startedAt: number, step: number): Life {
  const suffix = callee.slice(-4)
  const { status, legs, answers } =
    (Object.hasOwn(plots, suffix) ? plots[suffix] : undefined) ?? completed
  return {
    startedAt,
    answeredAt: [
      answers > 0 ? startedAt + step : undefined,
      answers > 1 ? startedAt + 2 * step : undefined,
    ],
    endedAt: startedAt + (answers + 1) * step,
    status,
    legs,
  }
}

/** How an incoming call can go, and what becomes of the agent's leg. */
export const incomingOutcomes = {
  completed: 'completed',
  missed: 'no-answer',
  declined: 'busy',
  'client-hangup': 'canceled',
  voicemail: 'no-answer',
  /** The caller hangs up in the menu: nobody is dialled. */
  'call-attempt': null,
} as const satisfies Readonly<Record<string, LegWord>>

/** The name of one of {@linkcode incomingOutcomes}. */
export type IncomingOutcome = keyof typeof incomingOutcomes

/** The flow answers at once, so the whole is `completed`, also when nobody picks up (documented). */
export function incomingLife(outcome: IncomingOutcome, startedAt: number, step: number): Life {
  const talks = outcome === 'completed'
  const isDialled = outcome !== 'call-attempt'
  return {
    startedAt,
    answeredAt: [startedAt, talks ? startedAt + 2 * step : undefined],
    endedAt: startedAt + (talks ? 3 : isDialled ? 2 : 1) * step,
    status: 'completed',
    legs: ['completed', incomingOutcomes[outcome]],
  }
}

/** What can be said of a call at a moment. */
export interface State {
  readonly over: boolean
  readonly status: CallWord
  readonly legs: LegWords
}

/** @param now milliseconds since the epoch */
export function stateAt({ answeredAt, endedAt, status, legs }: Life, now: number): State {
  if (now >= endedAt) return { over: true, status, legs }
  const [first, second] = answeredAt.map((at) => at !== undefined && at <= now)
  return {
    over: false,
    // From the start on, though nobody has answered (documented).
    status: 'in-progress',
    legs: [first === true ? 'in-progress' : '', second === true ? 'in-progress' : ''],
  }
}

/**
 * Whole seconds between two moments as their texts show them: what Exotel writes has no fractions,
 * and an end less its duration must be the beginning that was told.
 */
export const secondsBetween = (from: number | undefined, until: number): number =>
  from === undefined ? 0 : Math.max(0, Math.floor(until / 1000) - Math.floor(from / 1000))
