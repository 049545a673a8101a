import { type DiagLogger, DiagLogLevel, diag, type Meter } from '@opentelemetry/api'
import { counter } from './instruments/counter.ts'

/** Told of trouble within telemetry itself, at most once a minute. */
export type OnTrouble = (trouble: {
  readonly level: 'error' | 'warn'
  /** The SDK's words, cut short. */
  readonly message: string
  /** How many like it were kept back since the last. */
  readonly suppressed: number
}) => void

const quietFor = 60_000
const messageLimit = 200

/**
 * Counts what the SDK complains of instead of printing it: with no collector listening it complains
 * of each batch, and telemetry must not fill the log. The first complaint of each minute is told.
 *
 * Replaces whatever logger the SDK had; `OTEL_LOG_LEVEL`, where set, keeps it.
 */
export function countDiagnostics(
  meter: Meter,
  onTrouble: OnTrouble | undefined,
  now: () => number = () => performance.now(),
): void {
  const complaints = counter<{ 'caly.telemetry.level': 'error' | 'warn' }>(
    meter,
    'caly.telemetry.complaints',
    '{message}',
    'Complaints of the OpenTelemetry SDK about itself.',
    [{ 'caly.telemetry.level': 'error' }, { 'caly.telemetry.level': 'warn' }],
  )
  let quietUntil = Number.NEGATIVE_INFINITY
  let suppressed = 0
  const complain = (level: 'error' | 'warn', message: unknown) => {
    complaints.add(1, { 'caly.telemetry.level': level })
    if (now() < quietUntil) {
      suppressed++
      return
    }
    onTrouble?.({ level, message: String(message).slice(0, messageLimit), suppressed })
    quietUntil = now() + quietFor
    suppressed = 0
  }
  const logger: DiagLogger = {
    error: (message) => complain('error', message),
    warn: (message) => complain('warn', message),
    info() {},
    debug() {},
    verbose() {},
  }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
}
