/** Every mutant. */
import type { Mutant } from '../mutant.ts'
import { errorMutants } from './errors.ts'
import { headerMutants } from './headers.ts'
import { transportMutants } from './transport.ts'
import { validationMutants } from './validation.ts'

/** All of them. */
export const mutants: readonly Mutant[] = [
  ...transportMutants,
  ...headerMutants,
  ...validationMutants,
  ...errorMutants,
]
