import type { Telemetry } from '#telemetry/index.ts'
import { readinessStanding } from '../readiness/index.ts'
import type { Figures } from './figures.ts'

/** Publishes what the last run of `caly readiness` found. */
export function observeReadiness({ instruments }: Telemetry, figures: Figures): void {
  const standing = figures.add(readinessStanding)
  instruments.readiness.addCallback((result) => {
    const last = standing.current()
    if (last !== undefined) result.observe(last.percent / 100)
  })
  instruments.failedChecks.addCallback((result) => {
    const last = standing.current()
    if (last !== undefined) result.observe(last.failed)
  })
  instruments.readinessAge.addCallback((result) => {
    const last = standing.current()
    if (last !== undefined) result.observe(Math.max(0, Date.now() - last.at.getTime()) / 1000)
  })
}
