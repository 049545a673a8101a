/**
 * The life that the simulator gives a call. It follows from the call's id, its numbers and the time
 * of placing alone, so that any process, after any crash, tells the same story.
 */
import { createHash } from 'node:crypto'
import type { ProviderCall } from '../provider.ts'
import type { CallStatus } from '../state-machine.ts'

/** How a played call ends; `completed` for every callee but these suffixes. */
const outcomes: Readonly<Record<string, CallStatus>> = {
  '0001': 'busy',
  '0002': 'no-answer',
  '0003': 'failed',
}
/** The callee whose last callback is lost: only Call Details tell how it ended. */
const losesLastCallback = '0004'

/** One thing that happens to a call, and what its two legs are then. */
export interface Scene {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly event: 'answered' | 'terminal'
  readonly status: CallStatus
  readonly legs: readonly [caller: CallStatus | '', callee: CallStatus | '']
  /** Whether the callback about it is sent. */
  readonly reported: boolean
}

/** A call's whole life. */
export interface Script {
  readonly providerCallId: string
  readonly startedAt: number
  readonly scenes: readonly Scene[]
}

/** @param step milliseconds between two states */
export function scriptOf(
  call: Pick<ProviderCall, 'id' | 'to' | 'dispatchedAt'>,
  step: number,
): Script {
  const startedAt = call.dispatchedAt.getTime()
  const suffix = call.to.slice(-4)
  const outcome = (Object.hasOwn(outcomes, suffix) && outcomes[suffix]) || 'completed'
  const lives: readonly Omit<Scene, 'at' | 'reported'>[] = [
    { event: 'answered', status: 'in-progress', legs: ['in-progress', ''] },
    { event: 'answered', status: 'in-progress', legs: ['in-progress', 'in-progress'] },
    { event: 'terminal', status: outcome, legs: ['completed', outcome] },
  ]
  // Busy and unanswered callees never talk; a failed call does not even reach the caller.
  const skipped = outcome === 'completed' ? [] : outcome === 'failed' ? [0, 1] : [1]
  const played = lives.filter((_, index) => !skipped.includes(index))
  return {
    providerCallId: providerCallIdOf(call.id),
    startedAt,
    scenes: played.map((scene, index) => ({
      ...scene,
      ...(outcome === 'failed' && { legs: ['failed', ''] as const }),
      at: startedAt + (index + 1) * step,
      reported: !(scene.event === 'terminal' && suffix === losesLastCallback),
    })),
  }
}

/** Seconds of talk up to a moment, as the simulator's own clock counts them. */
export function talkSeconds({ scenes }: Script, until: number): number {
  const answered = scenes.find(({ legs }) => legs[1] === 'in-progress')
  return answered === undefined ? 0 : Math.max(0, Math.round((until - answered.at) / 1000))
}

/** 32 lower-case letters and digits, like Exotel's. */
const providerCallIdOf = (callId: string): string =>
  createHash('sha256').update(`caly simulator ${callId}`).digest('hex').slice(0, 32)
