/** Exotel's HTTP API on this machine: it places no calls, but says of them what Exotel would. */
import { type PlayedCall, played, type SimulatedCall } from './call.ts'
import { courier } from './courier.ts'
import type { DetailsContext } from './details.ts'
import { type FaultShares, faultPlan } from './faults.ts'
import { guard } from './guard.ts'
import { ledger } from './ledger.ts'
import { type ExotelSimulatorOptions, type Settings, settingsOf } from './options.ts'
import { pauses } from './pauses.ts'
import { player } from './play.ts'
import { signed } from './recording.ts'
import { type Request, routes } from './routes.ts'
import { listen } from './server.ts'
import { type DialledCall, type IncomingCall, stage } from './stage.ts'

export type { PlayedCall } from './call.ts'
export type { SimulatorEvent } from './events.ts'
export { type Fault, type FaultShares, faults, isFault } from './faults.ts'
export type { IncomingOutcome } from './life.ts'
export type { ExotelSimulatorOptions } from './options.ts'
export { type DialledCall, defaultExoPhone, type IncomingCall } from './stage.ts'

/** A running simulator. */
export interface ExotelSimulator {
  /** Where it listens: `EXOTEL_SUBDOMAIN`. */
  readonly url: string
  readonly sid: string
  readonly apiKey: string
  readonly apiToken: string
  /** What was really played, oldest first. */
  calls(): readonly PlayedCall[]
  /** Requests to place a call with a custom field, whatever they were answered. */
  posts(customField: string): number
  /** Requests by what they asked for, and how often each fault has held. */
  counts(): {
    readonly requests: Readonly<Record<Request, number>>
    readonly faults: Readonly<Record<string, number>>
  }
  /** Other shares of faults from now on. @throws {RangeError} */
  setFaults(shares: FaultShares): void
  /** A call from the dashboard. */
  dial(call: DialledCall): PlayedCall
  /** A call that comes in. */
  incoming(call: IncomingCall): PlayedCall
  /** Resolves once no call is under way and no callback is pending. */
  settled(): Promise<void>
  /** Ends everything at once: the listener, its connections, calls, callbacks. */
  close(): Promise<void>
}

/**
 * Starts a simulator. It demands credentials as Exotel does, plays calls by the callee's last four
 * digits, reports them over HTTP, and goes wrong as often as it is told.
 *
 * @throws {RangeError} for an option out of its bounds, and what `listen` reports for a taken port
 */
export async function exotelSimulator(
  options: ExotelSimulatorOptions = {},
): Promise<ExotelSimulator> {
  const settings = settingsOf(options)
  const { sid, apiKey, apiToken, onEvent } = settings
  const waits = pauses()
  const plan = faultPlan(settings.seed, settings.faults, (fault, occasion) =>
    onEvent({ type: 'fault', fault, occasion }),
  )
  const { holds } = plan
  const calls = ledger(settings.keep)
  const messenger = courier({ settings, pauses: waits, holds })
  let url = ''
  const recordingUrl = ({ sid: call }: SimulatedCall) =>
    `${url}/exotelrecordings/${sid}/${call}.mp3`
  const director = player({ settings, pauses: waits, courier: messenger, holds, recordingUrl })
  const scene = stage(settings, calls, director)
  const requests = { connect: 0, details: 0, bulk: 0, recording: 0, simulator: 0, unauthorized: 0 }
  const numbers = { connect: 0, details: 0 }
  const next = (what: keyof typeof numbers) => {
    numbers[what] += 1
    return numbers[what]
  }
  const details: DetailsContext = {
    account: sid,
    settle: settings.settle,
    recordingUrl,
    signedRecordingUrl: (call) => signed(recordingUrl(call), apiToken, Date.now()),
  }

  const shown = (call: SimulatedCall) =>
    played(call, call.customField === undefined ? 0 : calls.posts(call.customField), Date.now())
  const counts = () => ({ requests: { ...requests }, faults: plan.counts() })
  const shownCalls = () => calls.all().map(shown)
  const dial = (call: DialledCall) => shown(scene.dial(call))
  const incoming = (call: IncomingCall) => shown(scene.incoming(call))

  const server = await listen(
    settings,
    waits,
    routes({
      account: { settings, calls, stage: scene, details, holds, next },
      control: { report: () => ({ calls: shownCalls(), ...counts() }), dial, incoming },
      guard: guard(settings),
      count(what) {
        requests[what] += 1
      },
    }),
  )
  url = urlOf(settings, server.port)

  return {
    ...{ url, sid, apiKey, apiToken, counts, dial, incoming },
    calls: shownCalls,
    posts: (customField) => calls.posts(customField),
    setFaults: (shares) => plan.change(shares),
    settled: () => director.settled(),
    async close() {
      waits.close()
      messenger.close()
      await server.close()
      await director.settled()
    },
  }
}

/** A listener on all addresses is reached by way of this machine's own. */
function urlOf({ host }: Settings, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
