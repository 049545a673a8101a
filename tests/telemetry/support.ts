import { readConfig } from '../../src/config.ts'
import { startTelemetry, type Telemetry, type TelemetryOptions } from '../../telemetry/index.ts'

/** Environment variables for one telemetry; `OTEL_EXPORTER_OTLP_ENDPOINT` says where spans go. */
export type TelemetryVariables = Readonly<Record<`OTEL_${string}`, string>>

/**
 * Starts telemetry as the service would under these variables. The exporters read the process's own
 * environment, so it is changed for as long as the start takes.
 */
export async function telemetryWith(
  variables: TelemetryVariables = {},
  options: Pick<TelemetryOptions, 'onTrouble' | 'redact'> = {},
): Promise<Telemetry> {
  const before = { ...process.env }
  Object.assign(process.env, { OTEL_BSP_SCHEDULE_DELAY: '50', ...variables })
  try {
    const settings = readConfig(variables).telemetry
    return await startTelemetry({ settings, version: '0.0.0-test', instanceId: 'test', ...options })
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name]
    delete process.env['OTEL_BSP_SCHEDULE_DELAY']
    Object.assign(process.env, before)
  }
}

/** The value of one series in an exposition; undefined where there is none. */
export function sample(body: string, name: string, labels: Readonly<Record<string, string>> = {}) {
  const line = body
    .split('\n')
    .find(
      (text) =>
        (text.startsWith(`${name}{`) || text.startsWith(`${name} `)) &&
        Object.entries(labels).every(([label, value]) => text.includes(`${label}="${value}"`)),
    )
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1))
}
