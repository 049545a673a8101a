import { type HealthCheck, type HealthReport, timeLimit, within, worst } from './checks.ts'

/** Looks at one thing; resolves to what is wrong with it in a few words, to nothing where all is well. */
export type AppCheck = () => string | undefined | Promise<string | undefined>

/** Options of {@linkcode appChecks}. */
export interface AppChecksOptions {
  /**
   * What the app cannot work without, by name. A look that takes longer than 900 ms or throws has
   * failed; what it threw is not told. @default none
   */
  readonly checks?: Readonly<Record<string, AppCheck>>
  /** True from the stop signal on. @default never */
  readonly draining?: () => boolean
}

/** Makes the function that looks at everything that an app names. It never throws. */
export function appChecks(options: AppChecksOptions = {}): () => Promise<HealthReport> {
  const { checks = {}, draining = () => false } = options
  return async () => {
    const looks = Object.entries(checks).map(
      async ([name, check]) => [name, await lookAt(check)] as const,
    )
    const shutdown = draining() ? failure('the service is stopping', 0) : passed(0)
    const all = { ...Object.fromEntries(await Promise.all(looks)), shutdown }
    return { status: worst(Object.values(all)), checks: all }
  }
}

function lookAt(check: AppCheck): Promise<HealthCheck> {
  const startedAt = performance.now()
  const latency = () => Math.round(performance.now() - startedAt)
  const look = async (): Promise<HealthCheck> => {
    const fault = await check()
    return fault === undefined ? passed(latency()) : failure(fault, latency())
  }
  return within(timeLimit, look(), (reason) => failure(reason, latency()))
}

const passed = (latencyMs: number): HealthCheck => ({ status: 'pass', latencyMs })

const failure = (reason: string, latencyMs: number): HealthCheck => ({
  status: 'fail',
  latencyMs,
  reason,
})
