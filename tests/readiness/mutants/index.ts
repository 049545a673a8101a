/** Every mutant. */
import type { Mutant } from '../mutant.ts'
import { auditMutants } from './audit.ts'
import { authenticationMutants } from './authentication.ts'
import { authorizationMutants } from './authorization.ts'
import { configurationMutants } from './configuration.ts'
import { databaseMutants } from './database.ts'
import { dependencyMutants } from './dependencies.ts'
import { errorMutants } from './errors.ts'
import { headerMutants } from './headers.ts'
import { healthMutants } from './health.ts'
import { limitMutants } from './limits.ts'
import { shutdownMutants } from './shutdown.ts'
import { telemetryMutants } from './telemetry.ts'
import { transportMutants } from './transport.ts'
import { validationMutants } from './validation.ts'

/** All of them. */
export const mutants: readonly Mutant[] = [
  ...transportMutants,
  ...headerMutants,
  ...authenticationMutants,
  ...authorizationMutants,
  ...limitMutants,
  ...validationMutants,
  ...errorMutants,
  ...auditMutants,
  ...configurationMutants,
  ...databaseMutants,
  ...dependencyMutants,
  ...healthMutants,
  ...shutdownMutants,
  ...telemetryMutants,
]
