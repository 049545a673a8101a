import process from 'node:process'
import {
  type CallChecked,
  type CheckLimits,
  checkCall,
  checkCredentials,
  type Report,
  report,
  summaryOf,
  usualLimits,
} from '../calls/index.ts'
import { type Config, readConfig } from '../config.ts'
import { phoneNumber } from '../hooks/validation/index.ts'
import { version } from '../version.ts'
import { type Command, checked, type Values } from './command.ts'
import { environment, print } from './environment.ts'
import { type ExotelSettings, withCalls } from './exotel-check-service.ts'
import { UsageError } from './usage-error.ts'

/** `caly exotel check` */
export const exotelCheckCommand: Command = {
  usage: '[--from NUMBER --to NUMBER [--record]] [--json]',
  help: () =>
    [
      "Reads Exotel's variables as the service does, asks Exotel one question, and says whether the",
      'credentials are right and in what the answer is not as Caly knows it.',
      '  --from, --to  place a real call between two telephones of yours (E.164), through the Caly that',
      '                runs beside this command on the same database, and follow it: callbacks, end,',
      '                Call Details. Both telephones ring; it costs what a call costs. 10 minutes at most',
      '  --record      record it, and fetch the first bytes of the recording',
      '  --json        print one JSON object instead, for a bug report: names of fields, statuses and',
      '                booleans; no number, no key, no address',
      'Exit code 0: what was tried went well, differences or not. 1: something failed. Ctrl-C leaves the',
      'call as it is.',
    ].join('\n'),
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    record: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  async run(values) {
    const wishes = wishesOf(values)
    const config = readConfig(environment())
    const stop = new AbortController()
    const onSignal = () => stop.abort()
    const signals = ['SIGINT', 'SIGTERM'] as const
    for (const signal of signals) process.once(signal, onSignal)
    try {
      return await exotelCheck(config, wishes, { print, signal: stop.signal })
    } finally {
      for (const signal of signals) process.off(signal, onSignal)
    }
  },
}

/** What is to be tried. */
export interface CheckWishes {
  /** A real call. @default none is placed */
  readonly call?: { readonly from: string; readonly to: string; readonly record: boolean }
  readonly json: boolean
}

/** What trying takes. */
export interface CheckOptions {
  readonly print: (line: string) => void
  readonly signal: AbortSignal
  /** @default {@linkcode usualLimits} */
  readonly limits?: CheckLimits
}

/**
 * Tries an account, and prints what it finds.
 *
 * @returns the exit code: 1 if something failed
 * @throws {UsageError} if the configuration names no account
 */
export async function exotelCheck(
  config: Config,
  { call, json }: CheckWishes,
  { print: say, signal, limits = usualLimits }: CheckOptions,
): Promise<number> {
  const account = accountOf(config)
  const began = performance.now()
  const found = report((step, lines = []) => {
    if (json) return
    const seconds = String(Math.round((performance.now() - began) / 1000))
    say(`${seconds.padStart(4)} s  ${step}`)
    for (const line of lines) say(`          ${line}`)
  })
  const standsIn = /^https?:/.test(account.subdomain)
  if (standsIn && !json) say(standIn)
  const trouble = await checkCredentials(account, found, signal)
  let checkedCall: CallChecked | undefined
  if (trouble === undefined && call !== undefined) {
    if (!json) for (const line of warningsOf(config.publicUrl, standsIn)) say(line)
    checkedCall = await withCalls(config, account, (calls) =>
      checkCall({
        ...{ account, call, limits, signal, report: found, ...calls },
        publicUrl: config.publicUrl,
        callersAreListed: config.calls.callbackAddresses.length > 0,
      }),
    )
    if (checkedCall === undefined) found.fail(noService)
  }
  const assumptions = checkedCall?.assumptions ?? []
  if (json)
    say(
      JSON.stringify({ ...reportOf(found, trouble, checkedCall), standIn: standsIn }, undefined, 2),
    )
  else for (const line of summaryOf(found, assumptions)) say(line)
  return found.failures.length === 0 ? 0 : 1
}

function wishesOf(values: Values): CheckWishes {
  const json = values['json'] === true
  const record = values['record'] === true
  if (values['from'] === undefined && values['to'] === undefined) {
    if (record) throw new UsageError('--record needs --from and --to')
    return { json }
  }
  const from = checked(values, 'from', phoneNumber)
  const to = checked(values, 'to', phoneNumber)
  return { json, call: { from, to, record } }
}

function accountOf({ calls }: Config): ExotelSettings {
  if (calls.exotel !== undefined) return calls.exotel
  throw new UsageError(
    'There is no account: set EXOTEL_SID, EXOTEL_API_KEY, EXOTEL_API_TOKEN, EXOTEL_SUBDOMAIN, EXOTEL_CALLER_ID and EXOTEL_WEBHOOK_SECRET, as for the service, and leave CALY_PROVIDER=simulator out',
  )
}

const standIn = 'EXOTEL_SUBDOMAIN names a stand-in: what follows is about that, not about Exotel.'

const noService = {
  id: 'no_service',
  text: 'No call was placed: no service runs on this database. Start Caly with the same environment, and try again',
}

function warningsOf(publicUrl: URL, standsIn: boolean): readonly string[] {
  const isOwn = /^(localhost|127\.|10\.|192\.168\.|\[::1\])/.test(publicUrl.hostname)
  return [
    'Now a real call is placed: both telephones will ring, and it costs what a call costs.',
    ...(isOwn && !standsIn
      ? [`PUBLIC_URL is at ${publicUrl.hostname}: Exotel will not reach it with its callbacks.`]
      : []),
  ]
}

/** For a bug report: nothing in it is anybody's. */
function reportOf(found: Report, trouble: string | undefined, call: CallChecked | undefined) {
  return {
    caly: version,
    ok: found.failures.length === 0,
    credentials: trouble ?? 'right',
    ...(call !== undefined && callReport(call)),
    failures: found.failures.map(({ id }) => id),
    differences: Object.fromEntries(found.differences),
    differenceCount: found.count,
  }
}

const callReport = ({ course, deliveries, recording, assumptions }: CallChecked) => ({
  call: {
    taken: course.dispatchedAt !== undefined,
    placed: course.sid !== undefined,
    status: course.end?.status ?? null,
    talked: (course.end?.talkSeconds ?? 0) > 0,
    recordComplete: course.isSettled,
    callbacks: deliveries.map(({ message: { event, spelling }, state, deliveries: times }) => ({
      ...{ event, spelling, state },
      cameAgain: times > 1,
    })),
    recording: recording ?? null,
  },
  assumptions: Object.fromEntries(assumptions.map(({ id, verdict }) => [id, verdict])),
})
