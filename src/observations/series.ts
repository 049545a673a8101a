import type { Telemetry } from '#telemetry/index.ts'
import type { Config } from '../config.ts'
import { findingKinds, type Handling } from '../hooks/anomaly/index.ts'

/** What is done about requests with findings, by `ANOMALY_MODE`. */
const handlings: Readonly<Record<Config['anomalies']['mode'], readonly Handling[]>> = {
  off: [],
  monitor: ['monitor', 'refused'],
  block: ['monitor', 'block', 'refused'],
}

/**
 * Begins the series at zero whose labels only the hooks know, as far as the configuration lets them
 * ever count: the first attack must not be hidden from `increase()` because there was no series.
 */
export function beginSeries({ instruments }: Telemetry, config: Config): void {
  for (const [policy, limit] of Object.entries(config.rateLimits))
    for (const allowed of limit === undefined ? [] : [true, false])
      instruments.rateLimitVerdicts.add(0, {
        'caly.rate_limit.policy': policy,
        'caly.rate_limit.allowed': allowed,
      })
  for (const handling of handlings[config.anomalies.mode])
    for (const kind of findingKinds)
      instruments.anomalies.add(0, {
        'caly.anomaly.kind': kind,
        'caly.anomaly.action': handling,
      })
}
