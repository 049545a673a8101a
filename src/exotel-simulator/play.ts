/**
 * Plays calls: says at the right time what has happened to them. Of one call, a message is sent once
 * the one before it has been tried, so that they come in order where no fault has it otherwise
 * (assumed: Exotel documents no order).
 */
import type { SimulatedCall } from './call.ts'
import { callbackFields, type Scene, scenesOf } from './callback.ts'
import type { Courier } from './courier.ts'
import type { Fault } from './faults.ts'
import { losesItsEnd } from './life.ts'
import type { Message } from './message.ts'
import type { Settings } from './options.ts'
import { type Flow, visitsOf } from './passthru.ts'
import type { Pauses } from './pauses.ts'

/** Plays calls side by side. */
export interface Player {
  /** @param flow that of a call that comes in */
  play(call: SimulatedCall, flow?: Flow): void
  /** Resolves once no call is under way and no message is pending. */
  settled(): Promise<void>
}

/** What a player works with. */
export interface PlayerOptions {
  readonly settings: Settings
  readonly pauses: Pauses
  readonly courier: Courier
  readonly holds: (fault: Fault, occasion: string) => boolean
  readonly recordingUrl: (call: SimulatedCall) => string
}

export function player(options: PlayerOptions): Player {
  const { settings, pauses, courier, holds, recordingUrl } = options
  const playing = new Set<Promise<void>>()

  const until = (at: number) => pauses.wait(at - Date.now())
  const recordingOf = (call: SimulatedCall) => (call.recorded ? recordingUrl(call) : undefined)

  async function playOutgoing(call: SimulatedCall): Promise<void> {
    const sending: Promise<void>[] = []
    const held: Message[] = []
    let tried = Promise.resolve()
    const reordered = holds('callback-reordered', `call ${call.ordinal}`)
    for (const scene of scenesOf(call.life)) {
      await until(scene.at)
      await tried
      if (pauses.closed) return
      const message = messageOf(call, scene, recordingOf(call))
      if (message === undefined) continue
      if (reordered && scene.event === 'answered') {
        held.unshift(message)
        continue
      }
      const delivery = courier.send(message)
      tried = delivery.tried
      sending.push(delivery.done)
    }
    ended(call)
    await Promise.all(sending)
    for (const message of held) await courier.send(message).done
  }

  async function playIncoming(call: SimulatedCall, flow: Flow): Promise<void> {
    const { passthru } = settings
    const sending: Promise<void>[] = []
    let tried = Promise.resolve()
    for (const { name, at, fields } of visitsOf(call, flow, recordingOf(call))) {
      await until(at)
      await tried
      if (pauses.closed) return
      if (passthru === undefined) continue
      const { href: url } = passthru
      const delivery = courier.send({ call, name, url, spelling: 'query', fields })
      tried = delivery.tried
      sending.push(delivery.done)
    }
    await until(call.life.endedAt)
    ended(call)
    await Promise.all(sending)
  }

  function ended({ sid, direction, life: { status } }: SimulatedCall): void {
    if (!pauses.closed) settings.onEvent({ type: 'ended', sid, direction, status })
  }

  return {
    play(call, flow) {
      const whole = flow === undefined ? playOutgoing(call) : playIncoming(call, flow)
      const tracked = whole.finally(() => playing.delete(tracked))
      playing.add(tracked)
    },
    async settled() {
      while (playing.size > 0) await Promise.all(playing)
    },
  }
}

/** @returns undefined for a scene that nobody subscribed to, and for an end that is never told */
function messageOf(
  call: SimulatedCall,
  scene: Scene,
  recordingUrl: string | undefined,
): Message | undefined {
  const { reporting, tally } = call
  if (reporting === undefined) return undefined
  const { url, events, spelling } = reporting
  const wanted = events.length === 0 ? scene.event === 'terminal' : events.includes(scene.event)
  if (!wanted) return undefined
  if (scene.event === 'terminal' && losesItsEnd(call.to)) {
    tally.lost += 1
    return undefined
  }
  return {
    call,
    name: scene.name,
    url,
    spelling,
    fields: callbackFields(call, scene, recordingUrl),
  }
}
