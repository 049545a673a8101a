/** What the simulator can be told, and what it does where it is told nothing. */
import { createHash } from 'node:crypto'
import type { SimulatorEvent } from './events.ts'
import type { FaultShares } from './faults.ts'

/** Options of {@linkcode exotelSimulator}. */
export interface ExotelSimulatorOptions {
  /** @default '127.0.0.1' */
  readonly host?: string
  /** 0 takes any free port. @default 0 */
  readonly port?: number
  /** The account. @default 'calysimulator1' */
  readonly sid?: string
  /** @default follows from the seed */
  readonly apiKey?: string
  /** @default follows from the seed */
  readonly apiToken?: string
  /** Milliseconds between two states of a call. @default 1000 */
  readonly step?: number
  /** Milliseconds from the end of a call until Call Details know all of it. @default 4 × step */
  readonly settle?: number
  /** @default none */
  readonly faults?: FaultShares
  /** Decides, with a fault's share, on which occasions it holds. @default 1 */
  readonly seed?: number
  /** Milliseconds by which an answer is late under `slow` and `details-slow`. @default 2000 */
  readonly slowBy?: number
  /** Steps by which a callback is late under `callback-late`. @default 5 */
  readonly lateBy?: number
  /** The ExoPhones of the account; calls from others are refused. @default any number is one */
  readonly callerIds?: readonly string[]
  /** Where incoming calls and those from the dashboard are reported. @default nowhere */
  readonly passthru?: URL | string
  /** Where a recording's address leads: it answers 302. @default the recording itself */
  readonly recordingRedirect?: URL | string
  /** Calls that are remembered; the oldest is forgotten first. @default 100 000 */
  readonly keep?: number
  /** Milliseconds in which a callback must be answered. @default 15 000 (documented) */
  readonly answerWithin?: number
  /** Hears of calls, faults and what could not be delivered. */
  readonly onEvent?: (event: SimulatorEvent) => void
}

/** The options, complete. */
export interface Settings {
  readonly host: string
  readonly port: number
  readonly sid: string
  readonly apiKey: string
  readonly apiToken: string
  readonly step: number
  readonly settle: number
  readonly faults: FaultShares
  readonly seed: number
  readonly slowBy: number
  readonly lateBy: number
  readonly callerIds: readonly string[] | undefined
  readonly passthru: URL | undefined
  readonly recordingRedirect: URL | undefined
  readonly keep: number
  readonly answerWithin: number
  readonly onEvent: (event: SimulatorEvent) => void
}

/** @throws {RangeError} for an option out of its bounds, {TypeError} for an address that is none */
export function settingsOf(options: ExotelSimulatorOptions): Settings {
  const { seed = 1, step = 1000, passthru, recordingRedirect } = options
  const settings: Settings = {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    sid: options.sid ?? 'calysimulator1',
    // The same at every start, so that whoever was started against it need not be told anew.
    apiKey: options.apiKey ?? credential('key', seed),
    apiToken: options.apiToken ?? credential('token', seed),
    step,
    settle: options.settle ?? 4 * step,
    faults: options.faults ?? {},
    seed,
    slowBy: options.slowBy ?? 2000,
    lateBy: options.lateBy ?? 5,
    callerIds: options.callerIds,
    passthru: passthru === undefined ? undefined : httpAddress('passthru', passthru),
    recordingRedirect:
      recordingRedirect === undefined
        ? undefined
        : httpAddress('recordingRedirect', recordingRedirect),
    keep: options.keep ?? 100_000,
    answerWithin: options.answerWithin ?? 15_000,
    onEvent: options.onEvent ?? (() => {}),
  }
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(settings.sid))
    throw new RangeError('sid must be 1 to 64 letters, digits, _ or -')
  demand('port', settings.port, 0, 65_535)
  // An hour, so that no wait is longer than a timer can be.
  demand('step', step, 1, 3_600_000)
  demand('settle', settings.settle, 0, longest)
  demand('seed', seed, 0, Number.MAX_SAFE_INTEGER)
  demand('slowBy', settings.slowBy, 0, longest)
  demand('lateBy', settings.lateBy, 0, 500)
  demand('keep', settings.keep, 1, 1_000_000)
  demand('answerWithin', settings.answerWithin, 1, longest)
  return settings
}

/** A day: far below what a timer can wait, and beyond what anybody would. */
const longest = 86_400_000

function demand(name: string, value: number, least: number, most: number): void {
  if (!(Number.isSafeInteger(value) && value >= least && value <= most))
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}, got ${value}`)
}

function httpAddress(name: string, value: URL | string): URL {
  const url = new URL(value)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new RangeError(`${name} must be an http(s) address`)
  return url
}

const credential = (what: string, seed: number): string =>
  createHash('sha256').update(`exotel simulator ${what} ${seed}`).digest('hex').slice(0, 40)
