/**
 * Every environment variable, read once, through one arktype schema. Nothing else reads the
 * environment, except the OpenTelemetry SDK, which reads its own `OTEL_*` by specification.
 */
import { type ArkError, type } from 'arktype'
import { compiledWhenHot } from './compiled-when-hot.ts'
import { demands } from './config/demands.ts'
import { environment } from './config/environment.ts'
import { ConfigError } from './config/error.ts'
import type { RateLimitSetting } from './config/fields.ts'

export { variables } from './config/environment.ts'
export { ConfigError } from './config/error.ts'

/** The settings a running service goes by. Durations are milliseconds, sizes bytes. */
export type Config = ReturnType<typeof readConfig>

type Environment = Readonly<Record<string, string | undefined>>

const read = compiledWhenHot(environment)

/**
 * Reads the settings from an environment. An empty variable counts as unset.
 *
 * @throws {ConfigError} with every fault at once: bad values, and what production demands
 */
export function readConfig(env: Environment) {
  const given = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''),
  )
  const parsed = read(given)
  const faults = demands(given)
  if (parsed instanceof type.errors) {
    const invalid = parsed.map((error) => `${error.path.join('.')} must be ${expectedOf(error)}`)
    throw new ConfigError([...invalid, ...faults])
  }
  if (parsed.DB_POOL_MIN > parsed.DB_POOL_MAX)
    faults.push('DB_POOL_MIN must not be larger than DB_POOL_MAX')
  if (faults.length > 0) throw new ConfigError(faults)
  return assemble(parsed)
}

/** What a value had to be. Of two alternatives arktype's own words hold the value, too: a secret. */
const expectedOf = (error: ArkError): string =>
  error.hasCode('union') ? error.errors.map(expectedOf).join(' or ') : error.expected

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
      /** Whom migrations run as; undefined: as the service itself. */
      ownerUrl: env.DATABASE_OWNER_URL,
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
    overload: {
      maxInFlight: env.MAX_IN_FLIGHT,
      maxInFlightOfClient: env.MAX_IN_FLIGHT_PER_ADDRESS,
      maxLag: env.MAX_EVENT_LOOP_LAG,
    },
    rateLimits: {
      global: limit(env.RATE_LIMIT_GLOBAL),
      api: limit(env.RATE_LIMIT_API),
      auth: limit(env.RATE_LIMIT_AUTH),
      webhook: limit(env.RATE_LIMIT_WEBHOOK),
    },
    anomalies: { mode: env.ANOMALY_MODE, exceptions: env.ANOMALY_EXCEPTIONS },
    audit: {
      anchor: env.AUDIT_ANCHOR,
      retentionDays: env.AUDIT_RETENTION_DAYS,
      onFull: env.AUDIT_ON_FULL,
      spoolBytes: env.AUDIT_SPOOL_BYTES,
    },
    scan: {
      /** Undefined: only when somebody asks for it. */
      schedule: env.SCAN_SCHEDULE === 'off' ? undefined : env.SCAN_SCHEDULE,
      /** Undefined: the public ones. */
      registry: env.SCAN_REGISTRY,
      osv: env.SCAN_OSV,
      failOn: env.SCAN_FAIL_ON,
    },
    metricsToken: env.METRICS_TOKEN,
    shutdown: { timeout: env.SHUTDOWN_TIMEOUT, delay: env.SHUTDOWN_DELAY },
    calls: {
      reconcileAfter: env.RECONCILE_AFTER,
      simulatorStep: env.SIMULATOR_STEP,
      /** The first is handed out, all are taken. Undefined: derived from the encryption keys. */
      webhookSecrets: env.EXOTEL_WEBHOOK_SECRET,
      /** Whom callbacks are taken from, beside the right secret. None: anybody. */
      callbackAddresses: env.EXOTEL_ALLOWED_ADDRESSES,
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
      exportLogs: env.OTEL_LOGS_EXPORTER === 'otlp',
      sampler: env.OTEL_TRACES_SAMPLER,
      samplerRatio: env.OTEL_TRACES_SAMPLER_ARG,
    },
  }
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
    rate: env.EXOTEL_RATE_LIMIT === 'off' ? undefined : env.EXOTEL_RATE_LIMIT,
    maxCalls: env.EXOTEL_MAX_CALLS,
  }
}
