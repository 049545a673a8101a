/** What a check is, and what comes of it. */
import type { Database } from '#db/database.ts'
import type { Keyring } from '#db/keyring.ts'
import type { Config } from '../config.ts'
import type { Credential } from './http.ts'
import { shown } from './http.ts'
import type { Target } from './target.ts'

/** What checks are about, in the order of the report. */
export const groups = [
  'transport',
  'headers',
  'authentication',
  'authorization',
  'limits',
  'validation',
  'errors',
  'audit',
  'health',
  'telemetry',
  'database',
  'dependencies',
  'shutdown',
  'configuration',
] as const

/** What a check is about. */
export type Group = (typeof groups)[number]

/** The OWASP API Security Top 10 of 2023. */
export const apiRisks = {
  1: 'Broken Object Level Authorization',
  2: 'Broken Authentication',
  3: 'Broken Object Property Level Authorization',
  4: 'Unrestricted Resource Consumption',
  5: 'Broken Function Level Authorization',
  6: 'Unrestricted Access to Sensitive Business Flows',
  7: 'Server Side Request Forgery',
  8: 'Security Misconfiguration',
  9: 'Improper Inventory Management',
  10: 'Unsafe Consumption of APIs',
} as const

/** A risk of that list. */
export type ApiRisk = keyof typeof apiRisks

/** One thing that was tried. */
export interface Observation {
  /** What was sent, asked or looked at. */
  readonly sent: string
  /** What came back. Never a secret. */
  readonly received: string
  readonly good: boolean
}

/** A client that is there for one run, with what checks try. */
export interface Guest {
  readonly clientId: string
  /** Of its one user, an operator. */
  readonly email: string
  readonly password: string
  /** With every scope that a client can have. */
  readonly key: Credential & { readonly id: string }
  /** With `calls:read` and `keys:write`. */
  readonly reader: Credential
  /** With `calls:read`, to be used up. */
  readonly busy: Credential
  /** With `calls:read`, and no longer good. */
  readonly expired: Credential
  /** A call that was never placed. */
  readonly callId: string
}

/** Two such clients. */
export interface Guests {
  readonly one: Guest
  readonly other: Guest
}

/** Two clients' keys, to see whether one gets at what is the other's. */
export interface ClientKeys {
  readonly one: Credential
  readonly other: Credential
}

/** Where TLS is spoken, and whose certificates are trusted there. */
export interface SecureAddress {
  readonly url: URL
  /** PEM. @default the authorities that this machine trusts */
  readonly ca?: string | undefined
}

/** What some checks need, and not every run has. */
export interface Resources {
  /** The configuration of the service that is looked at. */
  readonly config: Config
  /** Its database. */
  readonly database: Database
  /** The same, where it is a PostgreSQL server: what the embedded one has not. */
  readonly server: Database
  /** The keys of ENCRYPTION_KEY. */
  readonly keyring: Keyring
  /** The variables of its environment, as they are written. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly metricsToken: Credential
  readonly keys: ClientKeys
  readonly guests: Guests
  /** An address over HTTPS. */
  readonly tls: SecureAddress
}

/** What a resource is, for who has not got it. */
export const resourceNames: Readonly<Record<keyof Resources, string>> = {
  config: "the service's configuration: leave --url out",
  database: "the service's database: leave --url out",
  server: 'a PostgreSQL server as its database: DATABASE_URL',
  keyring: "the service's ENCRYPTION_KEY: leave --url out",
  environment: "the service's environment: leave --url out",
  metricsToken: 'METRICS_TOKEN',
  keys: 'CALY_READINESS_KEY and CALY_READINESS_OTHER_KEY, keys of two clients, or --intrusive, which makes such',
  guests: 'clients to try things with: leave --url out, and add --intrusive',
  tls: 'an address over HTTPS',
}

/** What a run has. */
export interface Context extends Partial<Resources> {
  readonly target: Target
}

/** What is to be known of a check without running it. */
export interface About {
  readonly id: `${Group}.${string}`
  /** What is so where the check passes: a sentence. */
  readonly title: string
  /** What happens to whom where it is not so. */
  readonly why: string
  /** What to do then. */
  readonly fix: string
  /** Of the OWASP API Security Top 10 of 2023. */
  readonly api: readonly ApiRisk[]
  /** Requirements of the OWASP ASVS 5.0.0. */
  readonly asvs: readonly `V${number}.${number}.${number}`[]
  /** Places a call, writes rows or takes of a limit: only run with `--intrusive`. @default false */
  readonly intrusive?: boolean
  /** Milliseconds that it may take. @default 15000 */
  readonly limit?: number
}

/** A check as it is written down. */
interface Definition<Need extends keyof Resources> extends About {
  readonly needs: readonly Need[]
  /** Passes where everything that it tried is good. What it throws is a failure. */
  run(context: { readonly target: Target } & Pick<Resources, Need>): Promise<Tried> | Tried
}

/** What a check tried; or what it would have needed for that, which only trying told. */
export type Tried = readonly Observation[] | Missing

/** What is not there. */
export interface Missing {
  readonly missing: string
}

/** A check. */
export interface Check extends About {
  readonly group: Group
  readonly intrusive: boolean
  readonly needs: readonly (keyof Resources)[]
  /** What came of it; or which of the resources that it needs are missing. */
  run(context: Context): Promise<Tried>
}

/** Writes a check down. The context of its `run` has what it says that it needs. */
export function check<Need extends keyof Resources = never>(definition: Definition<Need>): Check {
  const { id, needs } = definition
  const group = groups.find((name) => id.startsWith(`${name}.`))
  if (group === undefined) throw new Error(`${id} belongs to no group`)
  const hasNeeds = (context: Context): context is Context & Pick<Resources, Need> =>
    needs.every((need) => context[need] !== undefined)
  return {
    ...definition,
    group,
    intrusive: definition.intrusive === true,
    async run(context) {
      if (hasNeeds(context)) return await definition.run(context)
      const missing = needs.filter((need) => context[need] === undefined)
      return { missing: missing.map((need) => resourceNames[need]).join('; ') }
    },
  }
}

/** What was looked at, and how it was, where nothing is sent: a setting, a row. */
export const looked = (at: string, found: unknown, good: boolean): Observation => ({
  sent: at,
  received: shown(String(found)),
  good,
})
