/** What a message of the provider is, and in what it is not as it is known. */
import type { MessageSummary } from '../../stored-messages.ts'
import type { StoredMessage } from '../../vault.ts'
import { bodyPairs, type Message, type Pair, readMessage } from '../message.ts'
import { type Differences, differencesOf, type Shape } from './shape.ts'
import { answeredCallback, plainCallback, terminalCallback } from './shapes.ts'

/** How a message is spelled. */
export type MessageSpelling = 'json' | 'multipart' | 'urlencoded' | 'query' | 'unreadable'

/** Which one it is. `plain`: the four fields of whoever asked for no events. */
export type MessageEvent = 'answered' | 'terminal' | 'plain' | 'passthru' | 'unknown'

/** A message, looked at. */
export interface SeenMessage {
  readonly event: MessageEvent
  readonly spelling: MessageSpelling
  readonly receivedAt: Date
  /** Its fields; undefined if it cannot be read. */
  readonly message: Message | undefined
  readonly differences: Differences
}

const shapes: Readonly<Record<string, Shape>> = {
  answered: answeredCallback,
  terminal: terminalCallback,
  plain: plainCallback,
}

const none: Differences = { fresh: [], missing: [], otherType: [] }

/** Looks at a message as it came. */
export async function lookAt(
  stored: StoredMessage & Pick<MessageSummary, 'receivedAt'>,
): Promise<SeenMessage> {
  const message = await readMessage(stored)
  const spelling = message === undefined ? 'unreadable' : spellingOf(stored)
  const event = message === undefined ? 'unknown' : eventOf(message, spelling)
  const shape = shapes[event]
  const differences =
    shape === undefined
      ? none
      : differencesOf(await bodyOf(stored, spelling), shape, { textsOnly: spelling !== 'json' })
  return { event, spelling, receivedAt: stored.receivedAt, message, differences }
}

/** A passthru request is a GET, and no status callback has its fields (documented). */
function eventOf({ fields }: Message, spelling: MessageSpelling): MessageEvent {
  if (spelling === 'query' || fields.has('CallType')) return 'passthru'
  const word = fields.get('EventType')
  if (word === undefined) return 'plain'
  return word === 'answered' || word === 'terminal' ? word : 'unknown'
}

/** By its look, as it is read: senders mislabel. */
function spellingOf({ method, contentType, body }: StoredMessage): MessageSpelling {
  if (method === 'GET' || body.byteLength === 0) return 'query'
  if (/^\s*multipart\/form-data/i.test(contentType)) return 'multipart'
  return textOf(body).includes('=') && !isJson(body) ? 'urlencoded' : 'json'
}

const isJson = (body: Uint8Array): boolean => /^\s*[[{"]/.test(textOf(body))

async function bodyOf(stored: StoredMessage, spelling: MessageSpelling): Promise<unknown> {
  if (spelling === 'json') return JSON.parse(textOf(stored.body))
  return nested((await bodyPairs(stored)) ?? [])
}

/** `Legs[0][Status]` stands for a field of the first leg (seen in code). */
function nested(pairs: readonly Pair[]): object {
  const legs: Map<string, string>[] = []
  const top = new Map<string, unknown>()
  for (const [name, value] of pairs) {
    const [, index, key] = /^Legs\[(\d)\]\[(\w{1,64})\]$/.exec(name) ?? []
    if (index === undefined || key === undefined) top.set(name, value)
    else {
      const leg = legs[Number(index)] ?? new Map<string, string>()
      legs[Number(index)] = leg.set(key, value)
    }
  }
  if (legs.length > 0) top.set('Legs', legs.map(Object.fromEntries))
  return Object.fromEntries(top)
}

const textOf = (body: Uint8Array): string => new TextDecoder().decode(body)
