import { Elysia } from 'elysia'
import type { LimitedContext, Limiter } from './limiter.ts'

/** A limit as a route names it. */
export interface RouteLimit<Name extends string> {
  readonly by: Name
  /** Requests that one to this route counts for. @default 1 */
  readonly cost?: number
  /** What it counts for in the end if it is answered well. @default `cost` */
  readonly costOfSuccess?: number
}

/** What routes behind {@linkcode routeLimits} may use. */
export type RouteLimits<Name extends string> = ReturnType<typeof routeLimits<Name>>

/**
 * Gives routes the option `limit`, by which they name a limit of their own:
 * `{ limit: { by: 'exports', cost: 10 } }`.
 * Stage: transform, and after the handler.
 */
export function routeLimits<Name extends string>(limiters: Readonly<Record<Name, Limiter>>) {
  return new Elysia({ name: 'caly/route-limits', seed: Object.keys(limiters) }).macro({
    limit: ({ by, cost = 1, costOfSuccess = cost }: RouteLimit<Name>) => ({
      transform: ({ request, set }: LimitedContext) => limiters[by].admit({ request, set }, cost),
      afterHandle({ request }: { readonly request: Request }) {
        if (costOfSuccess < cost) limiters[by].giveBack(request, cost - costOfSuccess)
      },
    }),
  })
}
