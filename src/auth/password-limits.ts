import {
  type LimiterOptions,
  limiter,
  type RouteLimits,
  routeLimits,
} from '../hooks/rate-limit/index.ts'

/** The option `limit` of routes where passwords are tried. */
export type PasswordLimits = RouteLimits<'auth'>

/** Gives routes the limit on tried passwords. */
export const passwordLimits = (options: LimiterOptions): PasswordLimits =>
  routeLimits({ auth: limiter(options) })

/** A wrong password counts twice as much as a right one. */
export const tried = { by: 'auth', cost: 1, costOfSuccess: 0.5 } as const
