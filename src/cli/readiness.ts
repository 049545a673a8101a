import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { type } from 'arktype'
import type { Database } from '#db/database.ts'
import { DatabaseLayerError } from '#db/errors.ts'
import { createKeyring } from '#db/keyring.ts'
import { httpOrigin } from '../config/fields.ts'
import { type Config, readConfig } from '../config.ts'
import {
  type Check,
  type Context,
  checks,
  type Format,
  type Guests,
  openTarget,
  type Run,
  recordRun,
  render,
  runChecks,
  type SecureAddress,
  type Target,
  withGuests,
} from '../readiness/index.ts'
import { version } from '../version.ts'
import { type Command, several, type Values } from './command.ts'
import { openForCommand } from './database.ts'
import { environment, print } from './environment.ts'
import { keysOf, withDependencies } from './shell.ts'
import { UsageError } from './usage-error.ts'

/** `caly readiness` */
export const readinessCommand: Command = {
  usage: '[--url URL] [--json|--junit] [--intrusive] [--only ID …] [--ca FILE]',
  help: () =>
    [
      'Looks at a running service, its configuration and its database, and prints what is as it should be',
      'in production and what is not: what was sent, what came back, why it matters, how to mend it.',
      'Without --url: the service of this configuration, at PUBLIC_URL. Nothing is changed but that the run',
      'is kept in readiness_runs; refusals leave what refusals of anybody leave in the audit trail.',
      '  --url URL    look at the service at this address alone: what needs its configuration or database',
      '               is skipped',
      '  --intrusive  also try what writes rows, places a call or takes of a limit: two clients and their',
      '               keys are made for it, and removed again',
      '  --only ID    run this check, or this group of checks, alone; several times for several. Such a run',
      '               is not kept',
      '  --ca FILE    trust the authority in this PEM file, and no other',
      '  --json       print one JSON object instead: {percent, checks: [{id, group, status, …}]}',
      '  --junit      print JUnit XML instead',
      'METRICS_TOKEN, and CALY_READINESS_KEY and CALY_READINESS_OTHER_KEY, API keys of two clients, are read',
      'from the environment and never printed. A check that is skipped counts as not passed.',
      'Exit code 1: a check failed. See docs/readiness.md.',
    ].join('\n'),
  options: {
    ...{
      url: { type: 'string' },
      ca: { type: 'string' },
      only: { type: 'string', multiple: true },
    },
    ...{ json: { type: 'boolean' }, junit: { type: 'boolean' }, intrusive: { type: 'boolean' } },
  },
  async run(values) {
    const { url, caFile, format, intrusive, chosen } = wishesOf(values)
    const ca = caFile === undefined ? undefined : await readAuthority(caFile)
    const config = url === undefined ? readConfig(environment()) : undefined
    const at = url ?? config?.publicUrl
    if (at === undefined) throw new UsageError('--url is missing')
    if (!(await answers(openTarget(at, { ca })))) {
      process.stderr.write(
        `Nobody answers at ${at.origin}: start the service, or name another with --url\n`,
      )
      return 1
    }
    const run = await withContext({ url: at, ca }, { config, intrusive }, async (context) => {
      const results = await runChecks(chosen, context, { intrusive })
      const done: Run = { target: at.origin, version, at: new Date(), results }
      if (context.database !== undefined && chosen === checks) await keep(context.database, done)
      return done
    })
    print(render(run, format).trimEnd())
    return run.results.some(({ status }) => status === 'fail') ? 1 : 0
  },
}

/** What was found is told, whether or not it can be kept. */
async function keep({ db }: Pick<Database, 'db'>, run: Run): Promise<void> {
  try {
    await recordRun(db, run)
  } catch (error) {
    if (!(error instanceof DatabaseLayerError)) throw error
    process.stderr.write(`The run is not kept: ${error.message}\n`)
  }
}

/** Whether anybody is there: all else would be one failure, told a hundred times. */
const answers = (target: Target): Promise<boolean> =>
  target.ask({ path: '/health/live' }).then(
    () => true,
    () => false,
  )

/** Opens what the checks need, for one run. */
async function withContext<Result>(
  { url, ca }: SecureAddress,
  { config, intrusive }: { readonly config: Config | undefined; readonly intrusive: boolean },
  work: (context: Context) => Promise<Result>,
): Promise<Result> {
  const env = environment()
  const outside: Context = {
    target: openTarget(url, { ca }),
    ...(url.protocol === 'https:' && { tls: { url, ca } }),
    ...credentialsOf(env),
  }
  if (config === undefined) return await work(outside)
  const database = await openForCommand(config)
  try {
    const keyring = createKeyring(await keysOf(config))
    const context: Context = {
      ...{ ...outside, config, database, keyring, environment: env },
      ...(!database.embedded && { server: database }),
    }
    if (!intrusive) return await work(context)
    return await withDependencies(database, keyring, (dependencies) =>
      withGuests(dependencies, keyring, (guests) =>
        work({ ...context, guests, keys: keysOfGuests(guests) }),
      ),
    )
  } finally {
    await database.close()
  }
}

const keysOfGuests = ({ one, other }: Guests) => ({ one: one.key, other: other.key })

function credentialsOf(
  env: Readonly<Record<string, string | undefined>>,
): Pick<Context, 'metricsToken' | 'keys'> {
  const secretOf = (name: string) => {
    const secret = env[name] ?? ''
    return secret === '' ? undefined : { name, secret }
  }
  const metricsToken = secretOf('METRICS_TOKEN')
  const one = secretOf('CALY_READINESS_KEY')
  const other = secretOf('CALY_READINESS_OTHER_KEY')
  return {
    ...(metricsToken && { metricsToken }),
    ...(one && other && { keys: { one, other } }),
  }
}

interface Wishes {
  /** Undefined: the service of this configuration. */
  readonly url: URL | undefined
  readonly caFile: string | undefined
  readonly format: Format
  readonly intrusive: boolean
  readonly chosen: readonly Check[]
}

function wishesOf(values: Values): Wishes {
  const { json, junit, url, ca, intrusive } = values
  if (json === true && junit === true) throw new UsageError('--json and --junit exclude each other')
  return {
    url: url === undefined ? undefined : addressOf(url),
    caFile: typeof ca === 'string' ? ca : undefined,
    format: json === true ? 'json' : junit === true ? 'junit' : 'text',
    intrusive: intrusive === true,
    chosen: chosenBy(several(values, 'only')),
  }
}

async function readAuthority(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError('The file of --ca cannot be read', { cause })
  })
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new UsageError('--ca must name a PEM file with a certificate')
  return text
}

/** Not repeated where it is wrong: it may hold a password. */
function addressOf(text: Values[string]): URL {
  const read = httpOrigin(text)
  if (read instanceof type.errors)
    throw new UsageError('--url must be an http(s) origin such as https://calls.example.com')
  return read
}

function chosenBy(names: readonly string[]): readonly Check[] {
  const unknown = names.find(
    (name) => !checks.some(({ id, group }) => id === name || group === name),
  )
  if (unknown !== undefined)
    throw new UsageError(
      '--only takes the id of a check or the name of a group: see docs/readiness.md',
    )
  if (names.length === 0) return checks
  return checks.filter(({ id, group }) => names.includes(id) || names.includes(group))
}
