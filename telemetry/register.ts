import {
  context,
  type MeterProvider,
  metrics,
  propagation,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import type { NodeSDK } from '@opentelemetry/sdk-node'
import { TelemetryError } from './errors.ts'

/** Providers that this module registered, so that a stranger's can be told from them. */
const ours = new WeakSet<MeterProvider>()

/**
 * Starts an SDK, makes it the API's default in place of an earlier one of ours, and returns its
 * own providers, which stay good when the next one comes.
 *
 * @throws {TelemetryError} if somebody else's SDK is registered: ours would measure and tell nobody
 */
export function register(sdk: NodeSDK): {
  tracerProvider: TracerProvider
  meterProvider: MeterProvider
} {
  const before = metrics.getMeterProvider()
  if (ours.has(before)) {
    trace.disable()
    metrics.disable()
  }
  // Both are the same for every SDK, and a running request must not lose its context: first come.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  sdk.start()
  const meterProvider = metrics.getMeterProvider()
  if (meterProvider === before)
    throw new TelemetryError(
      'Another OpenTelemetry SDK is already registered in this process: set OTEL_DENO=false under Deno, and preload no other',
    )
  ours.add(meterProvider)
  return { tracerProvider: trace.getTracerProvider(), meterProvider }
}
