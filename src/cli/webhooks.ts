import { type } from 'arktype'
import { createKeyring } from '#db/keyring.ts'
import { idleStates, listMessages, readStoredMessage } from '../calls/index.ts'
import { readConfig } from '../config.ts'
import { escapeText } from '../log/index.ts'
import { type Command, required, type Values } from './command.ts'
import { environment, print } from './environment.ts'
import { keysOf, shell, withDatabase } from './shell.ts'
import { UsageError } from './usage-error.ts'

const text = { type: 'string' } as const

/** Rows where nobody says how many, and at most. */
const usual = '20'
const most = 1000

/** `caly webhooks list` */
export const listWebhooksCommand: Command = {
  usage: `[--state ${idleStates.join('|')}] [--limit N]`,
  help: () =>
    [
      '  received    not applied yet; being_placed: waits for the name of a call that is being placed',
      '  malformed   cannot be read',
      "  unmatched   about a call over a number that is no client's: caly numbers add",
      '  ignored     not believed; the reason says why',
      'They are kept for 30 days. Columns: id, time, state, reason, deliveries.',
    ].join('\n'),
  options: { state: text, limit: text },
  async run(values) {
    const selection = { states: statesOf(values), limit: limitOf(values) }
    const messages = await withDatabase(({ db }) => listMessages(db, selection))
    for (const { id, receivedAt, state, reason, deliveries } of messages)
      print(
        [
          id,
          receivedAt.toISOString(),
          state.padEnd(9),
          (reason ?? '-').padEnd(14),
          deliveries,
        ].join('  '),
      )
    return 0
  },
}

/** `caly webhooks show` */
export const showWebhookCommand: Command = {
  usage: 'ID',
  help: () => 'It may hold numbers of people. Exit code 1: there is no such message, or no more.',
  options: {},
  positionals: ['ID'],
  async run(values) {
    const id = idOf(values)
    const keyring = createKeyring(await keysOf(readConfig(environment())))
    const { method, query, contentType, body, receivedAt, state, reason, deliveries } =
      await withDatabase(({ db, audit }) => readStoredMessage({ db, audit, keyring }, id, shell))
    print(`Received  ${receivedAt.toISOString()}, ${deliveries} times`)
    print(`State     ${state}${reason === null ? '' : ` (${reason})`}`)
    print(`Request   ${escapeText(`${method} ?${withoutSignature(query)}`)}`)
    print(`Type      ${escapeText(contentType)}`)
    print('')
    for (const line of linesOf(body)) print(line)
    return 0
  },
}

function statesOf(values: Values): readonly (typeof idleStates)[number][] {
  if (values['state'] === undefined) return idleStates
  const wanted = required(values, 'state')
  const state = idleStates.find((known) => known === wanted)
  if (state === undefined) throw new UsageError(`--state must be one of ${idleStates.join(', ')}`)
  return [state]
}

function limitOf(values: Values): number {
  const limit = Number(values['limit'] ?? usual)
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > most)
    throw new UsageError(`--limit takes a whole number from 1 to ${most}`)
  return limit
}

const uuid = type('string.uuid')

function idOf(values: Values): string {
  const id = values['ID']
  if (typeof id !== 'string' || !uuid.allows(id))
    throw new UsageError('ID is what `caly webhooks list` prints first')
  return id
}

/** Whoever has a whole signature can speak of its call. */
const withoutSignature = (query: string): string =>
  query.replaceAll(/(^|&)(sig=[^&]{0,6})[^&]*/g, '$1$2…')

/** Text with nothing in it that a terminal obeys; bytes that are none, in base64. */
function linesOf(body: Uint8Array): readonly string[] {
  try {
    const decoded = new TextDecoder('utf-8', { fatal: true }).decode(body)
    return decoded.split(/\r?\n/).map(escapeText)
  } catch {
    return [`(base64) ${Buffer.from(body).toString('base64')}`]
  }
}
