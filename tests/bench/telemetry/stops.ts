/** How long a stop of the whole service takes when the collector is gone, and spans are queued. */
import { once } from 'node:events'
import { otlpSink } from '../../support/otlp-sink.ts'
import { load } from '../load.ts'
import { type RequestBenchOptions, startContender } from './requests.ts'

/** A stop. */
export interface StopTime {
  readonly collector: string
  /** From SIGTERM to the end of the process. */
  readonly seconds: number
  readonly exitCode: number | null
}

/** Milliseconds: `SHUTDOWN_TIMEOUT` of the services here. */
export const stopTimeout = 3000

const collectors = {
  'takes everything': {},
  'refuses the connection': undefined,
  'never answers': { delay: Number.POSITIVE_INFINITY },
  'answers 503': { status: 503 },
}

/** Starts a service for each kind of collector, has it make spans, and stops it. */
export async function benchStops(
  options: Pick<RequestBenchOptions, 'processes' | 'folder' | 'runtime'>,
): Promise<readonly StopTime[]> {
  const times: StopTime[] = []
  for (const [collector, manners] of Object.entries(collectors)) {
    const sink = await otlpSink(manners)
    if (manners === undefined) await sink.close()
    const { url, child } = await startContender(options, collector, {
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      SHUTDOWN_TIMEOUT: String(stopTimeout),
    })
    await load({ url, seconds: 1, connections: 4 })
    const startedAt = performance.now()
    child.kill('SIGTERM')
    const [exitCode] = await once(child, 'close')
    times.push({ collector, seconds: (performance.now() - startedAt) / 1000, exitCode })
    if (manners !== undefined) await sink.close()
  }
  return times
}
