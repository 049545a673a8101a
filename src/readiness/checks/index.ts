/** Every check, in the order of the report. */
import { type Check, groups } from '../check.ts'
import { authenticationChecks } from './authentication.ts'
import { authorizationChecks } from './authorization.ts'
import { errorChecks } from './errors.ts'
import { headerChecks } from './headers.ts'
import { limitChecks } from './limits.ts'
import { tlsChecks } from './tls.ts'
import { transportChecks } from './transport.ts'
import { validationChecks } from './validation.ts'

const all: readonly Check[] = [
  ...tlsChecks,
  ...transportChecks,
  ...headerChecks,
  ...authenticationChecks,
  ...authorizationChecks,
  ...limitChecks,
  ...validationChecks,
  ...errorChecks,
]

/** All of them. */
export const checks: readonly Check[] = groups.flatMap((group) =>
  all.filter((check) => check.group === group),
)
