/** Every check, in the order of the report. */
import { type Check, groups } from '../check.ts'
import { auditChecks } from './audit.ts'
import { authorizationChecks } from './authorization.ts'
import { configurationChecks } from './configuration.ts'
import { credentialChecks } from './credentials.ts'
import { databaseChecks } from './database.ts'
import { dependencyChecks } from './dependencies.ts'
import { errorChecks } from './errors.ts'
import { headerChecks } from './headers.ts'
import { healthChecks } from './health.ts'
import { limitChecks } from './limits.ts'
import { shutdownChecks } from './shutdown.ts'
import { strangerChecks } from './strangers.ts'
import { telemetryChecks } from './telemetry.ts'
import { tlsChecks } from './tls.ts'
import { transportChecks } from './transport.ts'
import { validationChecks } from './validation.ts'

const all: readonly Check[] = [
  ...tlsChecks,
  ...transportChecks,
  ...headerChecks,
  ...strangerChecks,
  ...credentialChecks,
  ...authorizationChecks,
  ...limitChecks,
  ...validationChecks,
  ...errorChecks,
  ...auditChecks,
  ...healthChecks,
  ...telemetryChecks,
  ...databaseChecks,
  ...dependencyChecks,
  ...shutdownChecks,
  ...configurationChecks,
]

/** All of them. */
export const checks: readonly Check[] = groups.flatMap((group) =>
  all.filter((check) => check.group === group),
)
