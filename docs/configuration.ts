/**
 * Writes docs/configuration.md: every environment variable. `bun run docs:configuration`. Defaults and
 * meanings are those of `caly serve --help`; what a value must be is what the service itself says of a
 * wrong one. A test holds the page against them.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { ConfigError, readConfig, variables } from '../src/config.ts'
import { table } from './table.ts'

const file = new URL('configuration.md', import.meta.url)

/** The page that is kept in the repository. */
export const keptConfigurationPage = (): Promise<string> => readFile(file, 'utf8')

type Variable = keyof typeof variables

interface Chapter {
  readonly title: string
  readonly says: string
  readonly has: (name: Variable) => boolean
}

const named = (...names: readonly Variable[]) => {
  const set = new Set(names)
  return (name: Variable) => set.has(name)
}

const begins =
  (...starts: readonly string[]) =>
  (name: Variable) =>
    starts.some((start) => name.startsWith(start))

/** The first chapter that has a variable tells of it. */
const chapters: readonly Chapter[] = [
  {
    title: 'The service',
    says: 'Production does not start without `DATABASE_URL`, `ENCRYPTION_KEY`, `PUBLIC_URL`, a provider, and TLS or a trusted proxy.',
    has: named(
      ...(['NODE_ENV', 'HOST', 'PORT', 'PUBLIC_URL', 'CALY_DATA_DIR', 'ENCRYPTION_KEY'] as const),
      ...(['CALY_ADMIN_EMAIL', 'CALY_ADMIN_PASSWORD', 'DOCS', 'METRICS_TOKEN'] as const),
      ...(['SHUTDOWN_TIMEOUT', 'SHUTDOWN_DELAY'] as const),
    ),
  },
  {
    title: 'Who may reach it, and how',
    says: '[Security](security.md) gives the reasons.',
    has: named(
      ...(['TLS_CERT', 'TLS_KEY', 'FORCE_HTTPS', 'ALLOWED_HOSTS', 'CORS_ORIGINS'] as const),
      ...(['TRUSTED_PROXIES', 'PROXY_HEADER'] as const),
    ),
  },
  {
    title: 'Limits',
    says: 'A rate limit is `COUNT/WINDOW`: so many at once, then one more each time an even share of the window has passed. [Rate limits](limits.md).',
    has: (name) =>
      begins('RATE_LIMIT_', 'MAX_')(name) ||
      named('BODY_LIMIT', 'REQUEST_TIMEOUT', 'REDIS_URL')(name),
  },
  {
    title: 'The database',
    says: 'Keep replicas × `DB_POOL_MAX` below the `max_connections` of PostgreSQL.',
    has: begins('DATABASE_', 'DB_'),
  },
  {
    title: 'Calls',
    says: "With all of Exotel's variables set, Exotel places the calls: [Calls over Exotel](exotel.md).",
    has: begins('CALY_PROVIDER', 'EXOTEL_', 'RECONCILE_', 'SIMULATOR_'),
  },
  {
    title: 'The audit trail',
    says: '[Seals, proofs, erasure](audit.md).',
    has: begins('AUDIT_'),
  },
  {
    title: 'Attacks and vulnerabilities',
    says: '[Attack detection](detection.md), [scans](scans.md).',
    has: begins('ANOMALY_', 'SCAN_'),
  },
  {
    title: 'Log, traces, metrics',
    says: '[Telemetry](telemetry.md#variables) lists the other `OTEL_*` variables, which the OpenTelemetry SDK reads itself.',
    has: begins('LOG_', 'SLOW_', 'OTEL_'),
  },
]

/** Variables whose values are secrets, or hold one. */
const secret = named(
  ...(['ENCRYPTION_KEY', 'DATABASE_URL', 'DATABASE_LISTEN_URL', 'DATABASE_OWNER_URL'] as const),
  ...(['REDIS_URL', 'METRICS_TOKEN', 'CALY_ADMIN_PASSWORD'] as const),
  ...(['EXOTEL_API_KEY', 'EXOTEL_API_TOKEN', 'EXOTEL_WEBHOOK_SECRET'] as const),
)

/** The page for the variables as they are. */
export function configurationPage(): string {
  const left = new Set(Object.keys(variables) as Variable[])
  const parts = chapters.flatMap(({ title, says, has }) => {
    const own = [...left].filter(has)
    for (const name of own) left.delete(name)
    return [`## ${title}`, says, table(['variable', 'default', 'is', 'must be'], own.map(row))]
  })
  if (left.size > 0) throw new Error(`No chapter has ${[...left].join(', ')}`)
  return `${[
    '# Configuration',
    '<!-- Written by `bun run docs:configuration` from src/config/environment.ts. -->',
    'Environment variables, read once, at the start. A value that is not valid stops the start, and so does what is missing: every fault is named at once, never a value, and the exit code is 2. An empty variable counts as unset. A change needs a restart; the audit trail then has `CONFIG_CHANGED` with the names of the settings. `caly serve --help` prints the same list.',
    'Durations are milliseconds unless they carry a unit: `500`, `30s`, `15m`, `24d`. Switches are `on` or `off`. **Secret** marks what must not stand in a file that others read; the log never shows it.',
    ...parts,
    '## For the command line',
    'Commands read the same variables, and need those that they use: the database, the key. `NO_COLOR` turns off the colours of `caly scan`.',
  ].join('\n\n')}\n`
}

function row(name: Variable): string[] {
  const [fallback, meaning] = variables[name]
  const mark = secret(name) ? ' **Secret**' : ''
  return [`\`${name}\``, cellOf(fallback), `${cellOf(meaning)}${mark}`, cellOf(demandOf(name))]
}

/** What the service says that a value must be; nothing where it takes any text. */
function demandOf(name: Variable): string {
  const start = `${name} must be `
  try {
    readConfig({ [name]: '\u2603' })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const fault = error.faults.find((one) => one.startsWith(start))
    return fault?.slice(start.length) ?? ''
  }
  return ''
}

/** A cell ends at a bar. */
const cellOf = (text: string): string => text.replaceAll('|', '\\|')

if (import.meta.main) await writeFile(file, configurationPage())
