/** Every mutant. */
import type { Mutant } from '../mutant.ts'
import { authenticationMutants } from './authentication.ts'
import { authorizationMutants } from './authorization.ts'
import { errorMutants } from './errors.ts'
import { headerMutants } from './headers.ts'
import { limitMutants } from './limits.ts'
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
]
