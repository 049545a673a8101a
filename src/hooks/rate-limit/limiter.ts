import { RateLimitError } from '../../errors.ts'
import type { Keeping } from '../keeping.ts'
import { refusal } from '../refusal.ts'
import { type Quota, refundable, type Verdict } from './gcra.ts'
import { describer, type ResponseHeaders } from './headers.ts'
import type { LimiterStore, Policy } from './store.ts'

/** A refusal, or a request that was over the quota where none is refused. */
export interface Limited {
  readonly policy: string
  /** Whose quota it was. It can be a person's, and belongs in no metric. */
  readonly key: string
  /** Milliseconds in which the whole quota comes back. */
  readonly window: number
}

/** Options of a limiter. */
export interface LimiterOptions {
  /** The policy's name, as headers and metrics show it: `[a-z0-9-]`, unique in an app. */
  readonly name: string
  /** Undefined turns the limiter off. */
  readonly quota: Quota | undefined
  readonly store: LimiterStore
  /** Whose quota a request counts against; undefined leaves the request alone. */
  readonly key: (request: Request) => string | undefined
  /** Other limits of this request, looked at when it is refused: the answer names the longest wait. */
  readonly beside?: ((request: Request) => readonly Charge[]) | undefined
  /** Hears of each refusal, before it is answered. */
  readonly onLimited?: ((limited: Limited) => unknown) | undefined
  /** Hears of each verdict, for metrics. */
  readonly onVerdict?: ((policy: string, allowed: boolean) => void) | undefined
}

/** What one request counts for. */
export interface Charge {
  readonly policy: Policy
  readonly key: string
  readonly cost: number
}

/** The part of Elysia's context that a limiter needs. */
export interface LimitedContext {
  readonly request: Request
  readonly set: { readonly headers: ResponseHeaders }
  /** Whether the app answers errors by a hook. @default false */
  readonly isAnswered?: boolean
}

/** Judges requests by one policy. */
export interface Limiter {
  /**
   * Charges a request, unless this policy has charged it already, and writes what is left into the
   * answer's headers.
   *
   * @param cost requests that it counts for; more than the quota can never pass, and counts as all
   * @throws {RateLimitError} if the quota is used up; then no limiter has charged it anything
   */
  admit(context: LimitedContext, cost?: number): void | Promise<void>
  /** Charges a request as `admit` does, and refuses none. @returns whether the quota allows it */
  measure(context: LimitedContext): Promise<boolean>
  /** Takes a part of the charge back. */
  giveBack(request: Request, cost: number): void
}

/** A charge that was made, and what is needed to take it back. */
interface Charged extends Charge {
  readonly store: LimiterStore
  /** `performance.now()` then. */
  readonly at: number
  /** Microseconds from then until the whole quota would be there again. */
  readonly reset: number
  /** What the same request was charged before, by whichever limiter. */
  readonly before: Charged | undefined
}

const lastCharge = Symbol('caly.rate-limit.charge')

type Chargeable = Keeping<typeof lastCharge, Charged | undefined>

/** Makes a limiter. @throws {RangeError} if the name cannot stand in a header */
export function limiter(options: LimiterOptions): Limiter {
  const { name, quota, store, key, beside = () => [], onLimited, onVerdict } = options
  if (!/^[a-z0-9-]{1,32}$/.test(name))
    throw new RangeError(`a policy's name is 1 to 32 of [a-z0-9-], got ${name}`)
  if (quota === undefined) return unlimited
  const policy: Policy = { name, quota }
  const window = (quota.limit * quota.interval) / 1000
  const describe = describer(policy)

  /** Asks the store, where the request has a key, and tells of the verdict. */
  function judge(
    context: LimitedContext,
    cost: number,
    decide: (context: LimitedContext, key: string, verdict: Verdict) => void | Promise<void>,
  ): void | Promise<void> {
    const counted = key(context.request)
    if (counted === undefined) return undefined
    const charged = Math.min(cost, policy.quota.limit)
    const verdict = store.take(policy, counted, charged)
    if (verdict instanceof Promise)
      return verdict.then((later) => {
        tell(context, counted, charged, later)
        return decide(context, counted, later)
      })
    tell(context, counted, charged, verdict)
    return decide(context, counted, verdict)
  }

  function tell(
    { request, set }: LimitedContext,
    counted: string,
    cost: number,
    verdict: Verdict,
  ): void {
    onVerdict?.(name, verdict.allowed)
    describe(set.headers, verdict)
    if (verdict.allowed) remember(request, counted, cost, verdict.reset)
  }

  function remember(request: Chargeable, counted: string, cost: number, reset: number): void {
    const at = performance.now()
    request[lastCharge] = {
      policy,
      key: counted,
      cost,
      store,
      at,
      reset,
      before: request[lastCharge],
    }
  }

  function refuse(
    { isAnswered = false }: LimitedContext,
    counted: string,
    waits: readonly number[],
  ): never {
    const told = onLimited?.({ policy: name, key: counted, window })
    const seconds = Math.ceil(Math.max(1, ...waits) / 1e6)
    const before = told instanceof Promise ? told : undefined
    throw refusal(new RateLimitError(seconds, { ...(before && { before }) }), isAnswered)
  }

  /** Refuses a request, which then has cost nothing with any limiter. */
  function turnAway(
    context: LimitedContext,
    counted: string,
    { retryAfter }: Verdict,
  ): Promise<never> {
    const request: Chargeable = context.request
    for (let charged = request[lastCharge]; charged; charged = charged.before)
      takeBack(charged, charged.cost)
    request[lastCharge] = undefined
    const waits = beside(request).map((other) => waitOf(store, other))
    return waits.every((wait) => typeof wait === 'number')
      ? refuse(context, counted, [retryAfter, ...waits])
      : Promise.all(waits).then((settled) => refuse(context, counted, [retryAfter, ...settled]))
  }

  function chargeOf(request: Chargeable): Charged | undefined {
    let charged = request[lastCharge]
    while (charged && charged.policy.name !== name) charged = charged.before
    return charged
  }

  const admitted = (context: LimitedContext, counted: string, verdict: Verdict) =>
    verdict.allowed ? undefined : turnAway(context, counted, verdict)

  return {
    admit: (context, cost = 1) =>
      chargeOf(context.request) ? undefined : judge(context, cost, admitted),
    async measure(context) {
      let limited: string | undefined
      await judge(context, 1, (_, counted, { allowed }) => {
        if (!allowed) limited = counted
      })
      if (limited === undefined) return true
      await onLimited?.({ policy: name, key: limited, window })
      return false
    },
    giveBack(request, cost) {
      const charged = chargeOf(request)
      if (charged) takeBack(charged, cost)
    },
  }
}

/** A limiter that is turned off. */
const unlimited: Limiter = {
  admit: () => undefined,
  measure: () => Promise.resolve(true),
  giveBack: () => undefined,
}

/** Takes so much of a charge back as has not flown off since. */
function takeBack({ store, policy, key, at, reset }: Charged, cost: number): void {
  const elapsed = (performance.now() - at) * 1000
  const amount = refundable(policy.quota.interval * cost, reset, elapsed)
  if (amount > 0) store.giveBack(policy, key, amount)
}

/** How long such a request would have to wait, in microseconds; charged nothing. */
function waitOf(store: LimiterStore, { policy, key, cost }: Charge): number | Promise<number> {
  const told = ({ allowed, retryAfter }: Verdict) => {
    if (allowed) store.giveBack(policy, key, Math.floor(policy.quota.interval * cost))
    return retryAfter
  }
  const verdict = store.take(policy, key, cost)
  return verdict instanceof Promise ? verdict.then(told) : told(verdict)
}
