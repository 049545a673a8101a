/** Telemetry cannot start; the message says what to do. */
export class TelemetryError extends Error {
  override readonly name = 'TelemetryError'
}
