/** The contract's four limits, as requests are counted against them. */
import { createHash } from 'node:crypto'
import type { Config } from './config.ts'
import {
  addressKey,
  type LimiterOptions,
  type LimiterStore,
  quota,
} from './hooks/rate-limit/index.ts'
import { currentRequest } from './hooks/request-context/index.ts'
import { isOneOf, isPath } from './hooks/request-target.ts'
import type { Observations } from './observations.ts'

/** What {@linkcode limits} needs. */
export interface LimitsOptions {
  readonly settings: Config['rateLimits']
  readonly store: LimiterStore
  readonly observations: Pick<Observations, 'onLimited' | 'onVerdict'>
  /** Paths that are never limited. */
  readonly exempt: readonly string[]
  /** The secret of a webhook's address, where the provider comes with it. */
  readonly webhookSecret: (url: string) => string | undefined
}

/** Where strangers try passwords. */
const loginPath = '/api/auth/login'

/**
 * `global` counts by address, `api` by principal, `auth` by address (its other half, by account, is
 * the lockout: it must know where a user has logged in before), `webhook` by secret.
 */
export function limits({ settings, store, observations, exempt, webhookSecret }: LimitsOptions) {
  const named = <Name extends keyof Config['rateLimits']>(
    name: Name,
    key: LimiterOptions['key'],
  ): LimiterOptions => {
    const setting = settings[name]
    return {
      name,
      quota: setting && quota(setting.limit, setting.window),
      store,
      key,
      onLimited: observations.onLimited,
      onVerdict: observations.onVerdict,
    }
  }
  const auth = named('auth', clientKey)
  return {
    global: {
      ...named('global', ({ url }) => {
        const isExempt = isOneOf(url, exempt)
        // The provider's secret leaves the provider's few addresses to the wider limit of the webhook.
        return isExempt || webhookSecret(url) !== undefined ? undefined : clientKey()
      }),
      beside: ({ url }: Request) =>
        auth.quota && isPath(url, loginPath)
          ? [{ policy: { name: auth.name, quota: auth.quota }, key: clientKey(), cost: 1 }]
          : [],
    },
    api: named('api', owner),
    auth,
    /** The same, asked before the body of a login is read. */
    login: {
      ...auth,
      key: ({ url }: Request) => (isPath(url, loginPath) ? clientKey() : undefined),
    },
    webhook: named('webhook', ({ url }) => {
      const secret = webhookSecret(url)
      return secret && createHash('sha256').update(secret).digest('base64url').slice(0, 16)
    }),
  } satisfies Record<keyof Config['rateLimits'] | 'login', LimiterOptions>
}

/** Who sent the request at hand, as limits count it: by address. */
export const clientKey = (): string => addressKey(currentRequest()?.clientAddress ?? 'unknown')

/** All keys of a user count together: otherwise whoever wants more makes another key. */
function owner(): string | undefined {
  const principal = currentRequest()?.principal
  return principal?.createdBy ?? principal?.id
}
