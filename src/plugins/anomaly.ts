/** `caly/anomaly`: sees attacks in requests, and refuses them where it is told to. */
import { type AnyElysia, Elysia } from 'elysia'
import {
  type AnomalyOptions,
  anomalyDetection,
  anomalyInspection,
  type Finding,
  type Handling,
  refusedInspection,
} from '../hooks/anomaly/index.ts'
import { everywhere } from '../hooks/everywhere.ts'
import { routeSchemas } from '../hooks/problem-details/index.ts'
import { currentRequest } from '../hooks/request-context/index.ts'
import { isDeclared, RefusedPart } from '../hooks/validation/index.ts'
import { clientKey } from './client-key.ts'
import { processLog } from './process-log.ts'

export {
  type AnomalyException,
  type AnomalyOptions,
  type Finding,
  findingKinds,
  type Handling,
  kinds,
} from '../hooks/anomaly/index.ts'

/**
 * Looks at path, query, headers and body of each request for attacks, and tells of them; in `block`
 * mode it refuses them with 403. Requests that are refused anyway are looked at, too.
 *
 * @param options mode, what hears of findings, exceptions. @default mode `monitor`, findings are
 *   lines of the log on the standard output
 */
export function anomaly(options: Partial<AnomalyOptions> = {}) {
  return (app: AnyElysia): Elysia => {
    const schemasOf = routeSchemas(() => app.routes)
    const detection = anomalyDetection({
      mode: 'monitor',
      onFindings: writeFindings,
      onError: (error) => processLog().logger.error({ error }, 'the detection of attacks failed'),
      source: clientKey,
      bodyOf: (body) => (body instanceof RefusedPart ? body.value : body),
      isDeclared: ({ method, route }, part, name) =>
        isDeclared(schemasOf(method, route)[part], name),
      ...options,
    })
    const plugin = new Elysia({ name: 'caly/anomaly-everywhere', seed: detection.mode })
      // Without a hook of this stage Bun answers routes of a fixed value by itself, past all others.
      .onRequest(() => undefined)
      .use(anomalyInspection(detection).as('global'))
      .use(refusedInspection(detection))
    return everywhere<Elysia>(plugin as AnyElysia as Elysia)(app)
  }
}

function writeFindings(findings: readonly Finding[], handling: Handling): void {
  const route = currentRequest()?.route
  processLog().logger.warn({ findings, action: handling, route }, 'anomaly')
}
