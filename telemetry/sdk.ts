import { createNoopMeter, type MeterProvider, ProxyTracerProvider } from '@opentelemetry/api'
import { emptyExposition } from './exposition/format.ts'
import { createInstruments } from './instruments/index.ts'
import { performanceFigures } from './process/performance.ts'
import type { Telemetry, TelemetryOptions } from './telemetry.ts'

/**
 * Starts telemetry. The SDK is loaded here and not with this module: it takes 100 ms and 33 MiB,
 * which commands that serve nothing, and a disabled telemetry, need not spend.
 *
 * Where it sends to, the exporters read from `OTEL_EXPORTER_OTLP_*`; with no collector listening
 * nothing waits, grows or fills the log.
 *
 * @throws {TelemetryError} if another SDK is registered in this process
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  if (options.settings.disabled) return disabledTelemetry()
  const { startNodeTelemetry } = await import('./node-sdk.ts')
  return startNodeTelemetry(options)
}

/** Telemetry that measures nothing and costs nothing. */
export function disabledTelemetry(): Telemetry {
  const meter = createNoopMeter()
  const meterProvider: MeterProvider = { getMeter: () => meter }
  return {
    enabled: false,
    meter,
    meterProvider,
    // Without a delegate it hands out tracers that do nothing.
    tracerProvider: new ProxyTracerProvider(),
    instruments: createInstruments(meter),
    exportsTraces: false,
    writeLog: undefined,
    requests: undefined,
    queries: undefined,
    exposition: async () => emptyExposition('telemetry is disabled (OTEL_SDK_DISABLED)'),
    performance: () => performanceFigures(undefined, undefined),
    async shutdown() {},
  }
}
