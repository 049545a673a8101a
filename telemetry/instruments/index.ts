import type { Meter } from '@opentelemetry/api'
import { accessInstruments } from './access.ts'
import { auditInstruments } from './audit.ts'
import { callInstruments } from './calls.ts'
import { readinessInstruments } from './readiness.ts'
import { scanInstruments } from './scans.ts'
import { serviceInstruments } from './service.ts'

/** Every instrument of the domain, by what others count with. */
export type Instruments = ReturnType<typeof createInstruments>

/**
 * Every instrument, declared once, with the attributes it may carry: all of them of few values,
 * and none that a client chooses. Called after the SDK has started: one made before it stays silent
 * for good.
 */
export const createInstruments = (meter: Meter) => ({
  ...accessInstruments(meter),
  ...callInstruments(meter),
  ...auditInstruments(meter),
  ...scanInstruments(meter),
  ...readinessInstruments(meter),
  ...serviceInstruments(meter),
})
