/** What Caly takes for granted of Exotel, and what a real call has shown of it. */
import type { ExotelCall } from '../details.ts'
import { parseTime } from '../times.ts'
import { statusWord } from '../words.ts'
import type { SeenMessage } from './messages.ts'

/** What a call has shown. */
export interface Evidence {
  readonly callId: string
  readonly messages: readonly SeenMessage[]
  /** The word of the record of a call just placed, and when it was asked for. */
  readonly first?: { readonly word: string; readonly at: Date } | undefined
  /** Exotel's record of the call, the latest. */
  readonly record?: ExotelCall | undefined
  /** Whether a search by its numbers and time finds it. */
  readonly found?: boolean | undefined
  /** Whether its recording lies where Caly would fetch it. */
  readonly recordingPlaceKnown?: boolean | undefined
}

/** Whether it is so. */
export type Verdict = 'confirmed' | 'refuted' | 'not seen'

/** Something that Caly takes for granted. */
export interface Assumption {
  /** Its name in a report for machines. */
  readonly id: string
  readonly says: string
  readonly verdict: Verdict
}

interface Judgement {
  readonly says: string
  /** Undefined: the call has not shown it. */
  readonly holds: (evidence: Evidence) => boolean | undefined
}

/** Clocks, and the way here, in milliseconds. Repeats come after 5 and 15 minutes (documented, weakly). */
const near = 2 * 60_000
const far = 25 * 60_000

const judgements: Readonly<Record<string, Judgement>> = {
  times: {
    says: "times are India's wall clock",
    holds({ messages }) {
      const distances = messages.flatMap(({ message, receivedAt }) => {
        const came = receivedAt.getTime()
        const time = parseTime(message?.fields.get('DateUpdated'), came)
        return time === undefined ? [] : [Math.abs(time.getTime() - came)]
      })
      const least = Math.min(...distances)
      return least <= near ? true : Number.isFinite(least) && least >= far ? false : undefined
    },
  },
  events: {
    says: 'StatusCallbackEvents, spelled with [0] and [1], bring answered events',
    holds(evidence) {
      const { answered, terminal, plain } = byEvent(evidence)
      if (answered.length > 0) return true
      if (plain.length > 0) return false
      // Whoever talked was answered: one who was not is silent for a good reason.
      return terminal.length > 0 && legsAnswered(evidence) > 0 ? false : undefined
    },
  },
  json: {
    says: 'StatusCallbackContentType application/json is honoured',
    holds({ messages }) {
      const spelled = messages.filter(({ event }) => event !== 'passthru')
      const readable = spelled.filter(({ spelling }) => spelling !== 'unreadable')
      return readable.length === 0
        ? undefined
        : readable.every(({ spelling }) => spelling === 'json')
    },
  },
  legs: {
    says: 'an answered event comes once for each leg',
    holds(evidence) {
      const { answered, terminal } = byEvent(evidence)
      const expected = legsAnswered(evidence)
      if (terminal.length === 0 || expected === 0) return undefined
      return answered.length === expected
    },
  },
  customField: {
    says: 'the terminal event brings CustomField back',
    holds(evidence) {
      const { terminal, plain } = byEvent(evidence)
      const last = [...terminal, ...plain]
      if (last.length === 0) return undefined
      return last.some(({ message }) => message?.fields.get('CustomField') === evidence.callId)
    },
  },
  customFieldOnly: {
    says: 'an answered event does not',
    holds(evidence) {
      const { answered } = byEvent(evidence)
      if (answered.length === 0) return undefined
      return answered.every(({ message }) => message?.fields.has('CustomField') === false)
    },
  },
  firstWord: {
    says: 'a call is in-progress or queued while nobody has answered',
    holds({ first, messages }) {
      // Of a call that somebody has answered it says nothing.
      if (first === undefined || messages.some(({ receivedAt }) => receivedAt <= first.at))
        return undefined
      const word = statusWord(first.word)
      return word === 'in-progress' || word === 'queued'
    },
  },
  words: {
    says: 'every status is a word that Caly knows',
    holds({ messages, record }) {
      const { Status, Details } = record ?? {}
      const words = [
        ...messages.flatMap(({ message }) => [
          message?.fields.get('Status'),
          ...(message?.legs.map((leg) => leg.get('Status')) ?? []),
        ]),
        ...[Status, Details?.Leg1Status, Details?.Leg2Status].map((word) => String(word ?? '')),
      ].filter((word) => word !== undefined && word !== '' && word !== 'null')
      return words.length === 0 ? undefined : words.every((word) => statusWord(word) !== undefined)
    },
  },
  search: {
    says: 'a search by numbers and DateCreated finds the call',
    holds: ({ found }) => found,
  },
  recordingPlace: {
    says: 'the recording lies at an address that Caly knows',
    holds: ({ recordingPlaceKnown }) => recordingPlaceKnown,
  },
}

/** What a call has shown of each assumption. */
export const assumptionsBy = (evidence: Evidence): readonly Assumption[] =>
  Object.entries(judgements).map(([id, { says, holds }]) => {
    const verdict = { true: 'confirmed', false: 'refuted', undefined: 'not seen' } as const
    return { id, says, verdict: verdict[`${holds(evidence)}`] }
  })

function byEvent({ messages }: Evidence) {
  const of = (wanted: SeenMessage['event']) => messages.filter(({ event }) => event === wanted)
  return { answered: of('answered'), terminal: of('terminal'), plain: of('plain') }
}

/** How many legs were answered, as the terminal event or else the record says. */
function legsAnswered(evidence: Evidence): number {
  const [terminal] = byEvent(evidence).terminal
  const { Details } = evidence.record ?? {}
  const words =
    terminal?.message?.legs.map((leg) => leg.get('Status')) ??
    [Details?.Leg1Status, Details?.Leg2Status].map((word) => String(word ?? ''))
  return words.filter((word) => statusWord(word) === 'completed').length
}
