/** Opens recordings: a share of the places for each client, and nothing of which the trail does not know. */

import { type AuditTrail, requestOrigin } from '../audit/index.ts'
import {
  ExternalServiceError,
  NotFoundError,
  OverloadedError,
  type ProblemError,
} from '../errors.ts'
import { places } from '../places.ts'
import type { CallProvider, ProviderCall, Recording } from './provider.ts'

/** Recordings that one process streams at a time: each holds two connections. */
const most = 32

/** Of them, those of one client. */
const mostOfClient = 8

/** What opening recordings needs. */
export interface RecordingParts {
  readonly provider: CallProvider
  readonly audit: AuditTrail
}

/**
 * Opens recordings for one process.
 *
 * @returns opens that of a call of the client; the signal aborts when nobody waits any more. It throws
 *   {@linkcode NotFoundError} if there is none, {@linkcode OverloadedError} if the client has no place
 *   left, and {@linkcode ExternalServiceError} if it cannot be had now
 */
export function recordingOpener({ provider, audit }: RecordingParts) {
  const own = places({ of: 'recordings', most, mostOfClient })
  return async (clientId: string, call: ProviderCall, signal: AbortSignal): Promise<Recording> => {
    const leave = own.take(clientId)
    let recording: Recording | undefined
    try {
      recording = await provider.recording(call, signal).catch((error: unknown) => {
        throw unavailable(error)
      })
      if (recording === undefined) throw new NotFoundError('There is no recording of this call')
      // Before the first byte: nothing leaves of which the trail does not know.
      await audit.record({
        event: 'CALL_RECORDING_READ',
        origin: requestOrigin(),
        resource: { type: 'call', id: call.id },
        details: {},
      })
    } catch (error) {
      leave()
      if (recording?.body instanceof ReadableStream) await recording.body.cancel()
      throw error
    }
    if (recording.body instanceof ReadableStream)
      return { ...recording, body: watched(recording.body, signal, leave) }
    leave()
    return recording
  }
}

/** A recording that cannot be had: the provider's own failure says why, another's stays inside. */
function unavailable(error: unknown): ProblemError {
  if (error instanceof ExternalServiceError || error instanceof OverloadedError) return error
  return new ExternalServiceError('UPSTREAM_FAILED', 'The recording cannot be had now', {
    cause: error,
  })
}

/** The same stream, which tells when it is over: read, broken off or left, also if it was never read. */
function watched(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  if (signal.aborted) onEnd()
  else signal.addEventListener('abort', onEnd, { once: true })
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // Also where it breaks off while nobody reads: the connection is cut then.
        void reader.closed.catch((error) => controller.error(error)).finally(onEnd)
      },
      async pull(controller) {
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
