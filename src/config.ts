/**
 * Every environment variable, read once, through one arktype schema. Nothing else reads the
 * environment, except the OpenTelemetry SDK, which reads its own `OTEL_*` by specification.
 */
import { BlockList, isIP } from 'node:net'
import { type } from 'arktype'

/** The settings a running service goes by. Durations are milliseconds, sizes bytes. */
export type Config = ReturnType<typeof readConfig>

/** A quota as written in `RATE_LIMIT_*`: so many requests in so long. */
export interface RateLimitSetting {
  readonly limit: number
  /** Milliseconds. */
  readonly window: number
}

/** Settings that cannot be used; names every fault, never a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.faults = faults
  }
}

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

function parseDuration(text: string): number | undefined {
  const [, amount, unit = 'ms'] = /^(\d{1,10})(ms|s|m|h|d)?$/.exec(text) ?? []
  if (amount === undefined) return undefined
  const value = Number(amount) * units[unit as keyof typeof units]
  // setTimeout fires at once for anything above 2^31 - 1 ms.
  return value < 2 ** 31 ? value : undefined
}

const duration = type('string').pipe(
  (text, ctx) =>
    parseDuration(text) ?? ctx.error('a duration such as 30000, 30s or 15m (at most 24d)'),
)

const wholeNumber = (min: number, max: number) =>
  type('string').pipe((text, ctx) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max ? value : ctx.error(`a whole number from ${min} to ${max}`)
  })

const ratio = type('string').pipe((text, ctx) => {
  const value = /^[01](\.\d+)?$|^\.\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= 0 && value <= 1 ? value : ctx.error('a number from 0 to 1')
})

const onOff = type("'on' | 'off' | 'true' | 'false' | '1' | '0'").pipe(
  (word) => word === 'on' || word === 'true' || word === '1',
)

const list = type('string').pipe((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
)

const rateLimit = type('string').pipe((text, ctx): RateLimitSetting | 'off' => {
  if (text === 'off') return 'off'
  const [, limit, window = ''] = /^(\d{1,9})\/(\w+)$/.exec(text) ?? []
  const duration = parseDuration(window)
  if (limit === undefined || Number(limit) < 1 || duration === undefined || duration < 1000)
    return ctx.error('"off", or a limit and a window of a second or more such as 300/1m') as never
  return { limit: Number(limit), window: duration }
})

const httpUrl = type('string').pipe((text, ctx) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const usable =
    url !== undefined &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.password === ''
  return usable ? url : ctx.error('an http(s) URL without credentials')
})

const urlOf = (...protocols: readonly string[]) =>
  type('string').pipe((text, ctx) => {
    const usable = URL.canParse(text) && protocols.includes(new URL(text).protocol)
    return usable ? text : ctx.error(`a URL that begins with ${protocols.join('// or ')}//`)
  })

const encryptionKeys = type('string').pipe((text, ctx) => {
  const keys = text.split(',').map((key) => key.trim().toLowerCase())
  return keys.every((key) => /^[0-9a-f]{64}$/.test(key)) && new Set(keys).size === keys.length
    ? keys
    : ctx.error('64 hex digits (openssl rand -hex 32), or several different such, comma-separated')
})

/** CIDRs or single addresses, as the list that answers whether one is in it. */
function parseCidrs(cidrs: readonly string[]): BlockList | undefined {
  const trusted = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/')
    const version = isIP(address)
    const bits = version === 4 ? 32 : 128
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
    if (version === 0 || length < 0 || length > bits) return undefined
    trusted.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6')
  }
  return trusted
}

const cidrs = list.pipe((items, ctx) =>
  parseCidrs(items) ? items : ctx.error('addresses or CIDRs such as 10.0.0.0/8'),
)

const headerName = type('string').pipe((text, ctx) =>
  /^[A-Za-z0-9-]{1,64}$/.test(text) ? text.toLowerCase() : ctx.error('the name of a header'),
)

const origins = list.pipe((items, ctx) =>
  items.every((item) => item === '*' || (URL.canParse(item) && new URL(item).origin === item))
    ? items
    : ctx.error('origins such as https://app.example.com, comma-separated, or *'),
)

const cron = type('string').pipe((text, ctx) =>
  text.trim().split(/\s+/).length === 5 ? text.trim() : ctx.error('a cron line of five fields'),
)

const email = type('string.email').pipe((text) => text.toLowerCase())

/** The environment as it may be. What a variable means and defaults to is in {@linkcode variables}. */
const environment = type({
  '+': 'ignore',
  NODE_ENV: "'development' | 'production' | 'test' = 'development'",
  'HOST?': 'string',
  PORT: wholeNumber(0, 65_535).default('3000'),
  'PUBLIC_URL?': httpUrl,
  'TLS_CERT?': 'string',
  'TLS_KEY?': 'string',
  LOG_LEVEL: "'debug' | 'info' | 'warn' | 'error' | 'silent' = 'info'",
  'LOG_FORMAT?': "'json' | 'pretty'",
  LOG_SAMPLE: ratio.default('1'),
  'DATABASE_URL?': urlOf('postgres:', 'postgresql:'),
  CALY_DATA_DIR: "string = '.caly'",
  DB_POOL_MAX: wholeNumber(1, 1000).default('20'),
  DB_POOL_MIN: wholeNumber(0, 1000).default('5'),
  DB_IDLE_TIMEOUT: duration.default('30000'),
  DB_CONNECTION_TIMEOUT: duration.default('10000'),
  DB_STATEMENT_TIMEOUT: duration.default('30000'),
  DB_SLOW_QUERY_MS: duration.default('500'),
  SLOW_REQUEST_MS: duration.default('1000'),
  DB_PREPARE: onOff.default('on'),
  'DATABASE_LISTEN_URL?': urlOf('postgres:', 'postgresql:'),
  'ENCRYPTION_KEY?': encryptionKeys,
  'REDIS_URL?': urlOf('redis:', 'rediss:'),
  TRUSTED_PROXIES: cidrs.default(''),
  PROXY_HEADER: headerName.default('X-Forwarded-For'),
  'ALLOWED_HOSTS?': list,
  'DOCS?': onOff,
  CORS_ORIGINS: origins.default(''),
  'FORCE_HTTPS?': onOff,
  BODY_LIMIT: wholeNumber(1024, 1_073_741_824).default('1048576'),
  REQUEST_TIMEOUT: duration.default('30000'),
  RATE_LIMIT_GLOBAL: rateLimit.default('1000/1m'),
  RATE_LIMIT_API: rateLimit.default('300/1m'),
  RATE_LIMIT_AUTH: rateLimit.default('10/15m'),
  RATE_LIMIT_WEBHOOK: rateLimit.default('2400/1m'),
  ANOMALY_MODE: "'monitor' | 'block' | 'off' = 'monitor'",
  'AUDIT_ANCHOR?': 'string',
  AUDIT_RETENTION_DAYS: wholeNumber(1, 36_500).default('365'),
  AUDIT_ON_FULL: "'refuse' | 'drop' = 'refuse'",
  SCAN_SCHEDULE: cron.default('0 3 * * *'),
  'SCAN_REGISTRY?': httpUrl,
  SCAN_FAIL_ON: "'critical' | 'high' | 'moderate' | 'low' = 'high'",
  'METRICS_TOKEN?': type('string >= 16').describe('at least 16 characters'),
  SHUTDOWN_TIMEOUT: duration.default('10000'),
  SHUTDOWN_DELAY: duration.default('0'),
  RECONCILE_AFTER: duration.default('5m'),
  SIMULATOR_STEP: duration.default('1000'),
  'CALY_PROVIDER?': "'simulator' | 'exotel'",
  'EXOTEL_SID?': 'string',
  'EXOTEL_API_KEY?': 'string',
  'EXOTEL_API_TOKEN?': 'string',
  'EXOTEL_SUBDOMAIN?': 'string',
  'EXOTEL_CALLER_ID?': 'string',
  'EXOTEL_WEBHOOK_SECRET?': type('string >= 16').describe('at least 16 characters'),
  'CALY_ADMIN_EMAIL?': email,
  'CALY_ADMIN_PASSWORD?': type('12 <= string <= 128').describe('12 to 128 characters'),
  OTEL_SDK_DISABLED: onOff.default('off'),
  OTEL_SERVICE_NAME: "string = 'caly'",
  'OTEL_EXPORTER_OTLP_ENDPOINT?': httpUrl,
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?': httpUrl,
  OTEL_TRACES_EXPORTER: "'otlp' | 'none' = 'otlp'",
  OTEL_METRICS_EXPORTER: "'otlp' | 'prometheus' | 'none' = 'prometheus'",
  OTEL_TRACES_SAMPLER:
    "'always_on' | 'always_off' | 'traceidratio' | 'parentbased_always_on' | 'parentbased_always_off' | 'parentbased_traceidratio' = 'parentbased_always_on'",
  OTEL_TRACES_SAMPLER_ARG: ratio.default('1'),
})

type Variable = keyof typeof environment.infer

/** What each variable means, and its default where there is one, for `caly serve --help`. */
export const variables: Readonly<Record<Variable, readonly [fallback: string, meaning: string]>> = {
  NODE_ENV: ['development', 'production turns on HTTPS redirect, HSTS and JSON logs'],
  HOST: ['127.0.0.1 (production: 0.0.0.0)', 'the address to listen on'],
  PORT: ['3000', 'the port to listen on'],
  PUBLIC_URL: ['http://localhost:PORT', 'the address under which others reach this service'],
  TLS_CERT: ['', 'PEM file of the certificate chain: serve HTTPS directly'],
  TLS_KEY: ['', 'PEM file of its private key'],
  LOG_LEVEL: ['info', 'debug, info, warn, error or silent'],
  LOG_FORMAT: ['pretty on a terminal, else json', 'pretty or json'],
  LOG_SAMPLE: ['1', 'the share of successful requests that are logged, 0 to 1; others always are'],
  DATABASE_URL: ['an embedded database', 'PostgreSQL 14 or newer'],
  CALY_DATA_DIR: ['.caly', 'the folder of the embedded database and of generated keys'],
  DB_POOL_MAX: ['20', 'connections at most'],
  DB_POOL_MIN: ['5', 'connections kept open'],
  DB_IDLE_TIMEOUT: ['30000', 'an idle connection above the minimum is closed after this'],
  DB_CONNECTION_TIMEOUT: ['10000', 'longest wait for a connection, then 503'],
  DB_STATEMENT_TIMEOUT: ['30000', 'longest run of one statement'],
  DB_SLOW_QUERY_MS: ['500', 'a slower query is logged and counted'],
  SLOW_REQUEST_MS: ['1000', 'a slower request is logged and counted'],
  DB_PREPARE: ['on', 'off behind a pooler that keeps no prepared statements'],
  DATABASE_LISTEN_URL: ['DATABASE_URL', 'a direct connection for notifications, past a pooler'],
  ENCRYPTION_KEY: [
    'generated in development',
    '64 hex digits; several, comma-separated: the first encrypts, all decrypt',
  ],
  REDIS_URL: ['', 'rate limits shared by all replicas'],
  TRUSTED_PROXIES: ['', 'CIDRs of proxies that are believed'],
  PROXY_HEADER: ['X-Forwarded-For', 'the one header they are believed in'],
  ALLOWED_HOSTS: ["localhost,127.0.0.1,[::1] and PUBLIC_URL's host", 'host names served'],
  DOCS: ['on in development', 'the API reference at /docs, for anyone'],
  CORS_ORIGINS: ['', 'origins that browsers may call from, comma-separated'],
  FORCE_HTTPS: ['on in production', 'redirect plain HTTP to HTTPS'],
  BODY_LIMIT: ['1048576', 'largest request body in bytes'],
  REQUEST_TIMEOUT: ['30000', 'longest time to the first byte of the answer, then 503'],
  RATE_LIMIT_GLOBAL: ['1000/1m', 'requests by address; off turns it off'],
  RATE_LIMIT_API: ['300/1m', 'requests by principal; off turns it off'],
  RATE_LIMIT_AUTH: ['10/15m', 'logins by address; accounts have a protection of their own'],
  RATE_LIMIT_WEBHOOK: ['2400/1m', 'callbacks by secret; off turns it off'],
  ANOMALY_MODE: ['monitor', 'monitor, block (403) or off'],
  AUDIT_ANCHOR: ['', 'a file or URL to which the head of each audit seal is also written'],
  AUDIT_RETENTION_DAYS: ['365', 'how long audit rows are kept'],
  AUDIT_ON_FULL: ['refuse', 'refuse or drop when neither database nor spool takes an event'],
  SCAN_SCHEDULE: ['0 3 * * *', 'when to scan for vulnerabilities (cron, UTC)'],
  SCAN_REGISTRY: ['the npm registry', 'where advisories come from'],
  SCAN_FAIL_ON: ['high', 'lowest severity that fails a scan'],
  METRICS_TOKEN: ['', "a bearer token for the operators' routes, for scrapers"],
  SHUTDOWN_TIMEOUT: ['10000', 'longest time for requests in flight to finish at a stop'],
  SHUTDOWN_DELAY: ['0', 'time between turning unready and closing the listener'],
  RECONCILE_AFTER: ['5m', 'a call without news for so long is asked about at the provider'],
  SIMULATOR_STEP: ['1000', "the simulator's time between two states of a call"],
  CALY_PROVIDER: ["exotel where Exotel's variables are set, else simulator", 'who places calls'],
  EXOTEL_SID: ['', 'account SID'],
  EXOTEL_API_KEY: ['', 'API key'],
  EXOTEL_API_TOKEN: ['', 'API token'],
  EXOTEL_SUBDOMAIN: ['', 'host such as api.exotel.com, or a whole http://host:port'],
  EXOTEL_CALLER_ID: ['', 'the ExoPhone that calls are placed from'],
  EXOTEL_WEBHOOK_SECRET: ['', "the secret in the callbacks' address"],
  CALY_ADMIN_EMAIL: ['', 'e-mail of the first admin'],
  CALY_ADMIN_PASSWORD: ['', 'password of the first admin'],
  OTEL_SDK_DISABLED: ['false', 'true turns telemetry off'],
  OTEL_SERVICE_NAME: ['caly', 'service.name of all telemetry'],
  OTEL_EXPORTER_OTLP_ENDPOINT: ['', 'where spans are sent (OTLP, http/protobuf)'],
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ['', 'the same, for spans alone, path included'],
  OTEL_TRACES_EXPORTER: ['otlp where an endpoint is set', 'otlp or none'],
  OTEL_METRICS_EXPORTER: ['prometheus', 'otlp sends them too; /metrics always answers'],
  OTEL_TRACES_SAMPLER: ['parentbased_always_on', "one of the specification's samplers"],
  OTEL_TRACES_SAMPLER_ARG: ['1', 'the ratio for the traceidratio samplers'],
}

const exotelVariables = [
  'EXOTEL_SID',
  'EXOTEL_API_KEY',
  'EXOTEL_API_TOKEN',
  'EXOTEL_SUBDOMAIN',
  'EXOTEL_CALLER_ID',
  'EXOTEL_WEBHOOK_SECRET',
] as const satisfies readonly Variable[]

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the settings from an environment. An empty variable counts as unset.
 *
 * @throws {ConfigError} with every fault at once: bad values, and what production demands
 */
export function readConfig(env: Environment) {
  const given = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''),
  )
  const parsed = environment(given)
  const faults = demands(given)
  if (parsed instanceof type.errors) {
    const invalid = parsed.map((error) => `${error.path.join('.')} must be ${error.expected}`)
    throw new ConfigError([...invalid, ...faults])
  }
  if (parsed.DB_POOL_MIN > parsed.DB_POOL_MAX)
    faults.push('DB_POOL_MIN must not be larger than DB_POOL_MAX')
  if (faults.length > 0) throw new ConfigError(faults)
  return assemble(parsed)
}

/** What one variable demands of others. */
function demands(env: Readonly<Record<string, string>>): string[] {
  const faults: string[] = []
  const missing = (name: Variable) => env[name] === undefined
  const isOn = (name: Variable) => /^(on|true|1)$/.test(env[name] ?? '')
  const need = (name: Variable, why: string) => {
    if (missing(name)) faults.push(`${name} is missing: ${why}`)
  }
  const production = env['NODE_ENV'] === 'production'
  if (production) {
    need('ENCRYPTION_KEY', 'production keeps no key of its own (openssl rand -hex 32)')
    need('DATABASE_URL', 'production does not run on the embedded database')
    need('PUBLIC_URL', 'callbacks need an address that others can reach')
    if (missing('CALY_PROVIDER') && exotelVariables.every(missing))
      faults.push("CALY_PROVIDER is missing: set it to simulator, or set all of Exotel's variables")
    const forced = missing('FORCE_HTTPS') || isOn('FORCE_HTTPS')
    if (forced && missing('TLS_CERT') && missing('TRUSTED_PROXIES'))
      faults.push(
        'TLS_CERT or TRUSTED_PROXIES is missing: without one every request looks like plain HTTP and FORCE_HTTPS redirects for ever',
      )
  }
  const wantsExotel =
    env['CALY_PROVIDER'] === 'exotel' ||
    (missing('CALY_PROVIDER') && !exotelVariables.every(missing))
  if (wantsExotel)
    for (const name of exotelVariables) need(name, "Exotel needs all of Exotel's variables")
  if (missing('TLS_CERT') !== missing('TLS_KEY'))
    faults.push('TLS_CERT and TLS_KEY go together: set both, or neither')
  if (missing('CALY_ADMIN_EMAIL') !== missing('CALY_ADMIN_PASSWORD'))
    faults.push('CALY_ADMIN_EMAIL and CALY_ADMIN_PASSWORD go together: set both, or neither')
  return faults
}

/** Whether a host to listen on is this very machine alone. */
const isLoopbackHost = (host: string): boolean =>
  /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)

function assemble(env: typeof environment.infer) {
  const production = env.NODE_ENV === 'production'
  const scheme = env.TLS_CERT === undefined ? 'http' : 'https'
  const publicUrl = env.PUBLIC_URL ?? new URL(`${scheme}://localhost:${env.PORT}`)
  const limit = (setting: RateLimitSetting | 'off') => (setting === 'off' ? undefined : setting)
  const host = env.HOST ?? (production ? '0.0.0.0' : '127.0.0.1')
  return {
    environment: env.NODE_ENV,
    production,
    listen: {
      host,
      port: env.PORT,
      /** Only this machine can connect. */
      isLoopback: isLoopbackHost(host),
      tls:
        env.TLS_CERT === undefined || env.TLS_KEY === undefined
          ? undefined
          : { certFile: env.TLS_CERT, keyFile: env.TLS_KEY },
    },
    publicUrl,
    dataDir: env.CALY_DATA_DIR,
    log: {
      level: env.LOG_LEVEL,
      format: env.LOG_FORMAT,
      slowRequest: env.SLOW_REQUEST_MS,
      sample: env.LOG_SAMPLE,
    },
    database: {
      /** Undefined: the embedded one. */
      url: env.DATABASE_URL,
      listenUrl: env.DATABASE_LISTEN_URL ?? env.DATABASE_URL,
      poolMax: env.DB_POOL_MAX,
      poolMin: env.DB_POOL_MIN,
      idleTimeout: env.DB_IDLE_TIMEOUT,
      connectionTimeout: env.DB_CONNECTION_TIMEOUT,
      statementTimeout: env.DB_STATEMENT_TIMEOUT,
      slowQuery: env.DB_SLOW_QUERY_MS,
      prepare: env.DB_PREPARE,
    },
    /** Hex; the first encrypts, all decrypt. Undefined in development: one is made and kept. */
    encryptionKeys: env.ENCRYPTION_KEY,
    redisUrl: env.REDIS_URL,
    proxies: { trusted: env.TRUSTED_PROXIES, header: env.PROXY_HEADER },
    allowedHosts: env.ALLOWED_HOSTS ?? ['localhost', '127.0.0.1', '[::1]', publicUrl.hostname],
    docs: env.DOCS ?? !production,
    corsOrigins: env.CORS_ORIGINS,
    forceHttps: env.FORCE_HTTPS ?? production,
    bodyLimit: env.BODY_LIMIT,
    requestTimeout: env.REQUEST_TIMEOUT,
    rateLimits: {
      global: limit(env.RATE_LIMIT_GLOBAL),
      api: limit(env.RATE_LIMIT_API),
      auth: limit(env.RATE_LIMIT_AUTH),
      webhook: limit(env.RATE_LIMIT_WEBHOOK),
    },
    anomalyMode: env.ANOMALY_MODE,
    audit: {
      anchor: env.AUDIT_ANCHOR,
      retentionDays: env.AUDIT_RETENTION_DAYS,
      onFull: env.AUDIT_ON_FULL,
    },
    scan: {
      schedule: env.SCAN_SCHEDULE,
      registry: env.SCAN_REGISTRY,
      failOn: env.SCAN_FAIL_ON,
    },
    metricsToken: env.METRICS_TOKEN,
    shutdown: { timeout: env.SHUTDOWN_TIMEOUT, delay: env.SHUTDOWN_DELAY },
    calls: {
      reconcileAfter: env.RECONCILE_AFTER,
      simulatorStep: env.SIMULATOR_STEP,
      webhookSecret: env.EXOTEL_WEBHOOK_SECRET,
      exotel: exotelOf(env),
    },
    admin:
      env.CALY_ADMIN_EMAIL === undefined || env.CALY_ADMIN_PASSWORD === undefined
        ? undefined
        : { email: env.CALY_ADMIN_EMAIL, password: env.CALY_ADMIN_PASSWORD },
    telemetry: {
      disabled: env.OTEL_SDK_DISABLED,
      serviceName: env.OTEL_SERVICE_NAME,
      environment: env.NODE_ENV,
      exportTraces:
        env.OTEL_TRACES_EXPORTER === 'otlp' &&
        (env.OTEL_EXPORTER_OTLP_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) !== undefined,
      exportMetrics: env.OTEL_METRICS_EXPORTER === 'otlp',
      sampler: env.OTEL_TRACES_SAMPLER,
      samplerRatio: env.OTEL_TRACES_SAMPLER_ARG,
    },
  }
}

/** Shorter values are words of the language, too. */
const leastSecretLength = 8

/** The secrets among the settings: the log takes them out wherever they stand. */
export function secretsOf(config: Config): string[] {
  const { database, redisUrl, encryptionKeys = [], metricsToken, calls, admin } = config
  const passwords = [database.url, database.listenUrl, redisUrl].map(passwordOf)
  const { webhookSecret, exotel } = calls
  return [
    ...encryptionKeys,
    ...passwords,
    ...[metricsToken, webhookSecret, exotel?.apiKey, exotel?.apiToken, admin?.password],
  ].filter(isLongSecret)
}

const isLongSecret = (secret: string | undefined): secret is string =>
  secret !== undefined && secret.length >= leastSecretLength

function passwordOf(url: string | undefined): string | undefined {
  const encoded = url !== undefined && URL.canParse(url) ? new URL(url).password : ''
  return encoded === '' ? undefined : decodeURIComponent(encoded)
}

function exotelOf(env: typeof environment.infer) {
  const { EXOTEL_SID, EXOTEL_API_KEY, EXOTEL_API_TOKEN, EXOTEL_SUBDOMAIN, EXOTEL_CALLER_ID } = env
  if (
    env.CALY_PROVIDER === 'simulator' ||
    EXOTEL_SID === undefined ||
    EXOTEL_API_KEY === undefined ||
    EXOTEL_API_TOKEN === undefined ||
    EXOTEL_SUBDOMAIN === undefined ||
    EXOTEL_CALLER_ID === undefined
  )
    return undefined
  return {
    sid: EXOTEL_SID,
    apiKey: EXOTEL_API_KEY,
    apiToken: EXOTEL_API_TOKEN,
    subdomain: EXOTEL_SUBDOMAIN,
    callerId: EXOTEL_CALLER_ID,
  }
}
