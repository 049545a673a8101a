import { ExportResultCode } from '@opentelemetry/core'
import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'

/** Takes requests of spans to a collector. */
export interface TraceSender {
  /**
   * @param request an `ExportTraceServiceRequest`
   * @throws {Error} if the collector did not take it, after all retries
   */
  send(request: Uint8Array): Promise<void>
  shutdown(): Promise<void>
}

/**
 * Sends by OTLP over HTTP as the SDK's exporter does: the same transport, retries and variables
 * (`OTEL_EXPORTER_OTLP_*`). What it sends is written already.
 */
export function otlpTraceSender(): TraceSender {
  const delegate = createOtlpHttpExportDelegate<Uint8Array, unknown>(
    convertLegacyHttpOptions({}, 'TRACES', 'v1/traces', {
      'Content-Type': 'application/x-protobuf',
    }),
    {
      serializeRequest: (request) => request,
      // A collector may have taken a part only, and says why: that is a complaint.
      deserializeResponse: (data) => ProtobufTraceSerializer.deserializeResponse(data),
    },
    'otlp_http_span_exporter',
    // The queue counts: without a meter provider the exporter does not.
    { name: 'span', countItems: () => 0 },
    undefined,
  )
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        delegate.export(request, ({ code, error }) => {
          if (code === ExportResultCode.SUCCESS) resolve()
          else reject(error ?? new Error('The collector did not take the spans'))
        })
      }),
    shutdown: () => delegate.shutdown(),
  }
}
