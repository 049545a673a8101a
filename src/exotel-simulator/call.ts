/** A call, as the simulator keeps it and as it is shown to whoever started the simulator. */
import { randomBytes } from 'node:crypto'
import { type CallWord, type LegWords, type Life, stateAt } from './life.ts'

/** As Call Details spell it (documented). */
export type Direction = 'outbound-api' | 'outbound-dial' | 'inbound'

/** Events that can be subscribed to. */
export type CallbackEvent = 'answered' | 'terminal'

/** Where and how a call is reported. */
export interface Reporting {
  readonly url: string
  /** None: only the end, in four fields (documented). */
  readonly events: readonly CallbackEvent[]
  readonly spelling: 'json' | 'multipart'
}

/** What became of a call's messages. */
export interface Tally {
  /** Requests that were made, repeats among them; extra messages of faults are not. */
  sent: number
  /** Of these, answered 200. */
  accepted: number
  /** Never sent, by a fault or the callee's number. */
  lost: number
  /** Given up after all attempts. */
  failed: number
}

/** A call that was placed, or came in. */
export interface SimulatedCall {
  /** Which one since the start, from 1: faults and pages go by it. */
  readonly ordinal: number
  readonly sid: string
  readonly customField: string | undefined
  /** Numbers as they were given. */
  readonly from: string
  readonly to: string
  /** The ExoPhone. */
  readonly callerId: string
  readonly direction: Direction
  /** Whether there is something to listen to afterwards. */
  readonly recorded: boolean
  readonly life: Life
  readonly reporting: Reporting | undefined
  readonly tally: Tally
}

/** A call that was really played. */
export interface PlayedCall {
  readonly sid: string
  readonly customField: string | null
  /** Numbers as they were given. An incoming call is `to` the agent who was dialled. */
  readonly from: string
  readonly to: string
  readonly callerId: string
  readonly direction: Direction
  readonly recorded: boolean
  /** The word at the top, final once the call is over. */
  readonly status: CallWord
  readonly legs: LegWords
  readonly over: boolean
  /** Requests to place a call with this custom field, whatever they were answered. */
  readonly posts: number
  readonly callbacks: Readonly<Tally>
}

/** What is shown of a call. */
export function played(call: SimulatedCall, posts: number, now: number): PlayedCall {
  const { sid, customField = null, from, to, callerId, direction, recorded, life, tally } = call
  const { status, legs, over } = stateAt(life, now)
  const callbacks = { ...tally }
  return {
    ...{ sid, customField, from, to, callerId, direction, recorded },
    ...{ status, legs, over, posts, callbacks },
  }
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

/**
 * 32 lower-case letters and digits, not hex (seen in code). By chance, not by the seed: a simulator
 * that is started anew must not name its calls as it named others before.
 */
export const newSid = (): string =>
  Array.from(randomBytes(32), (byte) => alphabet[byte % alphabet.length]).join('')

/**
 * A number as Exotel writes it in its messages: India's in the national form (seen in code), others
 * as they came.
 */
export const nationalForm = (number: string): string =>
  number.replace(/^(?:\+?91|0)?(\d{10})$/, '0$1')

/** Numbers are the same if their last ten digits are. */
export const sameNumber = (one: string, other: string): boolean => tail(one) === tail(other)

const tail = (number: string): string => number.replaceAll(/\D/g, '').slice(-10)
