/** Puts calls into the account: placed by the API, from the dashboard, or coming in. */
import { newSid, type Reporting, type SimulatedCall } from './call.ts'
import type { ConnectRequest } from './connect.ts'
import type { Ledger } from './ledger.ts'
import { type IncomingOutcome, incomingLife, outgoingLife } from './life.ts'
import type { Settings } from './options.ts'
import type { Player } from './play.ts'

/** A call from the dashboard. */
export interface DialledCall {
  readonly from: string
  readonly to: string
  /** @default the account's first ExoPhone */
  readonly callerId?: string
  /** @default false */
  readonly record?: boolean
}

/** A call that comes in. */
export interface IncomingCall {
  readonly from: string
  /** The ExoPhone that is called. */
  readonly to: string
  /** @default 'completed' */
  readonly outcome?: IncomingOutcome
  /** Who is dialled. @default a made-up agent */
  readonly agent?: string
  readonly agentEmail?: string
  /** What the caller keys in. @default nothing is gathered */
  readonly digits?: string
}

/** Calls begin here. */
export interface Stage {
  place(request: ConnectRequest): SimulatedCall
  /** As if somebody had placed it in the dashboard: reported where incoming calls are. */
  dial(call: DialledCall): SimulatedCall
  incoming(call: IncomingCall): SimulatedCall
}

/** Where nobody says which ExoPhone: a number that nobody has. */
export const defaultExoPhone = '+919999900010'
const defaultAgent = '+919999900001'

export function stage(settings: Settings, calls: Ledger, player: Player): Stage {
  const { step, passthru, callerIds } = settings

  function begin(call: Omit<SimulatedCall, 'ordinal' | 'sid' | 'tally'>): SimulatedCall {
    const tally = { sent: 0, accepted: 0, lost: 0, failed: 0 }
    const begun = { ordinal: calls.nextOrdinal(), sid: newSid(), ...call, tally }
    calls.add(begun)
    return begun
  }

  function outgoing(
    call: Pick<SimulatedCall, 'from' | 'to' | 'callerId' | 'direction' | 'customField'>,
    record: boolean,
    reporting: Reporting | undefined,
  ): SimulatedCall {
    const life = outgoingLife(call.to, Date.now(), step)
    // Nothing is recorded before both have answered.
    const recorded = record && life.status === 'completed'
    const begun = begin({ ...call, recorded, life, reporting })
    player.play(begun)
    return begun
  }

  return {
    place: ({ from, to, callerId, customField, record, reporting }) =>
      outgoing({ from, to, callerId, customField, direction: 'outbound-api' }, record, reporting),

    dial: ({ from, to, callerId = callerIds?.[0] ?? defaultExoPhone, record = false }) =>
      outgoing(
        { from, to, callerId, customField: undefined, direction: 'outbound-dial' },
        record,
        passthru && { url: passthru.href, events: ['terminal', 'answered'], spelling: 'multipart' },
      ),

    incoming({ from, to, outcome = 'completed', agent = defaultAgent, ...more }) {
      const startedAt = Date.now()
      const life = incomingLife(outcome, startedAt, step)
      const call = begin({
        customField: undefined,
        from,
        // Call Details name the agent here, and the ExoPhone in its own field (sample 52); where
        // nobody was dialled, both are the ExoPhone (assumed).
        to: outcome === 'call-attempt' ? to : agent,
        callerId: to,
        direction: 'inbound',
        recorded: outcome === 'completed' || outcome === 'voicemail',
        life,
        reporting: undefined,
      })
      const { agentEmail = 'agent.one@example.com', digits } = more
      player.play(call, { outcome, agent, agentEmail, digits, dialledAt: startedAt + step })
      return call
    },
  }
}
