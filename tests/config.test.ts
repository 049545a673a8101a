import { describe, expect, test } from 'bun:test'
import { type } from 'arktype'
import { configurationPage, keptConfigurationPage } from '../docs/configuration.ts'
import { environment } from '../src/config/environment.ts'
import { secretsOf } from '../src/config/secrets.ts'
import { ConfigError, readConfig, variables } from '../src/config.ts'

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  return []
}

const production = {
  NODE_ENV: 'production',
  ENCRYPTION_KEY: 'ab'.repeat(32),
  DATABASE_URL: 'postgres://db/caly',
  PUBLIC_URL: 'https://caly.example',
  CALY_PROVIDER: 'simulator',
  TRUSTED_PROXIES: '10.0.0.0/8',
}

describe('readConfig()', () => {
  test('an empty environment is a development service on loopback, with documented defaults', () => {
    expect(readConfig({})).toMatchObject({
      production: false,
      listen: { host: '127.0.0.1', port: 3000, isLoopback: true },
      docs: true,
      forceHttps: false,
      bodyLimit: 1_048_576,
      requestTimeout: 30_000,
      overload: { maxInFlight: 2000, maxInFlightOfClient: 500, maxLag: 500 },
      rateLimits: {
        global: { limit: 1000, window: 60_000 },
        api: { limit: 300, window: 60_000 },
        auth: { limit: 10, window: 900_000 },
        webhook: { limit: 2400, window: 60_000 },
      },
      database: { poolMax: 20, poolMin: 5, connectionTimeout: 10_000, prepare: true },
      calls: { reconcileAfter: 300_000 },
    })
  })

  test('a webhook secret that a path could not hold is refused, without the value', () => {
    const secret = (EXOTEL_WEBHOOK_SECRET: string) =>
      faultsOf({ CALY_PROVIDER: 'simulator', EXOTEL_WEBHOOK_SECRET })
    const one = 'sixteen+characters%&=?#'
    for (const bad of [
      'sixteen/characters',
      'sixteen\\characters',
      'sixteen characters',
      'short',
      `${one},short`,
      `${one},`,
      `${one},${one}`,
      `${one},${one}2,${one}3`,
    ])
      expect(secret(bad)).toEqual([
        expect.stringMatching(/^EXOTEL_WEBHOOK_SECRET must be at least/),
      ])
    expect(secret(one)).toEqual([])
    expect(secret(`${one}, ${one}2`)).toEqual([])
  })

  test('two webhook secrets are read in their order, and both are kept out of the log', () => {
    const secrets = ['the-new-secret-of-callbacks', 'the-old-secret-of-callbacks']
    const config = readConfig({
      CALY_PROVIDER: 'simulator',
      EXOTEL_WEBHOOK_SECRET: secrets.join(),
    })
    expect(config.calls.webhookSecrets).toEqual(secrets)
    expect(secretsOf(config)).toEqual(expect.arrayContaining(secrets))
  })

  test('the passwords of all databases are kept out of the log', () => {
    const config = readConfig({
      DATABASE_URL: 'postgres://caly:the-first-password@db/caly',
      DATABASE_LISTEN_URL: 'postgres://caly:the-second-password@db/caly',
      DATABASE_OWNER_URL: 'postgres://owner:the-third-password@db/caly',
      REDIS_URL: 'redis://:the-fourth-password@redis',
    })
    expect(secretsOf(config)).toEqual([
      'the-first-password',
      'the-second-password',
      'the-third-password',
      'the-fourth-password',
    ])
  })

  test('addresses that callbacks may come from are networks, and any where none is named', () => {
    const read = (EXOTEL_ALLOWED_ADDRESSES: string) =>
      readConfig({ EXOTEL_ALLOWED_ADDRESSES }).calls.callbackAddresses
    expect(read('192.0.2.0/24, 2001:db8::1')).toEqual(['192.0.2.0/24', '2001:db8::1'])
    expect(read('')).toEqual([])
    expect(faultsOf({ EXOTEL_ALLOWED_ADDRESSES: 'exotel.com' })).toEqual([
      'EXOTEL_ALLOWED_ADDRESSES must be addresses or CIDRs such as 10.0.0.0/8',
    ])
  })

  test('the public address is an origin: callbacks would not keep a path', () => {
    const read = (PUBLIC_URL: string) => readConfig({ PUBLIC_URL }).publicUrl.href
    for (const origin of ['https://calls.example.com', 'https://calls.example.com/'])
      expect(read(origin)).toBe('https://calls.example.com/')
    expect(read('http://127.0.0.1:3000')).toBe('http://127.0.0.1:3000/')
    for (const more of ['/caly', '/caly/', '//', '/?tenant=hunter2', '?', '/#calls', '#'])
      expect(faultsOf({ PUBLIC_URL: `https://calls.example.com${more}` })).toEqual([
        'PUBLIC_URL must be an http(s) origin such as https://calls.example.com, without a path or query',
      ])
  })

  test('an empty value counts as unset', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '' }).listen.port).toBe(3000)
  })

  test('what production demands is refused when missing, each by name', () => {
    const faults = faultsOf({ NODE_ENV: 'production' })
    for (const name of [
      'ENCRYPTION_KEY',
      'DATABASE_URL',
      'PUBLIC_URL',
      'CALY_PROVIDER',
      'TLS_CERT or TRUSTED_PROXIES',
    ])
      expect(faults.some((fault) => fault.startsWith(`${name} is missing`))).toBe(true)
    expect(faultsOf(production)).toEqual([])
    const config = readConfig(production)
    expect(config).toMatchObject({ forceHttps: true, docs: false, listen: { host: '0.0.0.0' } })
    expect(config.allowedHosts).toContain('caly.example')
  })

  test("Exotel's own hosts are asked over HTTPS, however they are written; stand-ins as they are", () => {
    const read = (EXOTEL_SUBDOMAIN: string) =>
      readConfig({
        CALY_PROVIDER: 'exotel',
        EXOTEL_SID: 'acme',
        EXOTEL_API_KEY: 'some-key',
        EXOTEL_API_TOKEN: 'some-token',
        EXOTEL_CALLER_ID: '08047112345',
        EXOTEL_WEBHOOK_SECRET: 'a-secret-of-sixteen',
        EXOTEL_SUBDOMAIN,
      }).calls.exotel?.subdomain
    for (const spelling of ['api.exotel.com', 'http://api.exotel.com', 'https://api.exotel.com'])
      expect(read(spelling)).toBe('api.exotel.com')
    expect(read('http://127.0.0.1:4010')).toBe('http://127.0.0.1:4010')
    for (const wrong of [
      'exotel',
      'api.exotel.com/v1',
      'http://a:b@host:1',
      'ftp://host:1',
      'http://h:1/x',
    ])
      expect(() => read(wrong)).toThrow('EXOTEL_SUBDOMAIN must be a host name')
  })

  test("Exotel's variables go together", () => {
    const faults = faultsOf({ EXOTEL_SID: 'acme' })
    expect(faults).toHaveLength(5)
    expect(faults.join()).toContain('EXOTEL_API_TOKEN is missing')
  })

  test('variables that go in pairs are asked for in pairs', () => {
    expect(faultsOf({ TLS_CERT: 'a.pem' })[0]).toContain('TLS_CERT and TLS_KEY')
    expect(faultsOf({ CALY_ADMIN_EMAIL: 'a@b.co' })[0]).toContain('CALY_ADMIN_PASSWORD')
    expect(faultsOf({ DB_POOL_MIN: '9', DB_POOL_MAX: '3' })[0]).toContain('DB_POOL_MIN')
  })

  const good = [
    [
      'DB_IDLE_TIMEOUT',
      '15m',
      (c: ReturnType<typeof readConfig>) => c.database.idleTimeout,
      900_000,
    ],
    ['SHUTDOWN_DELAY', '250ms', (c: ReturnType<typeof readConfig>) => c.shutdown.delay, 250],
    ['RATE_LIMIT_API', 'off', (c: ReturnType<typeof readConfig>) => c.rateLimits.api, undefined],
    [
      'RATE_LIMIT_API',
      '5/1h',
      (c: ReturnType<typeof readConfig>) => c.rateLimits.api,
      { limit: 5, window: 3_600_000 },
    ],
    [
      'CORS_ORIGINS',
      'https://a.example, https://b.example',
      (c: ReturnType<typeof readConfig>) => c.corsOrigins,
      ['https://a.example', 'https://b.example'],
    ],
    ['DB_PREPARE', 'off', (c: ReturnType<typeof readConfig>) => c.database.prepare, false],
    [
      'PROXY_HEADER',
      'X-Real-IP',
      (c: ReturnType<typeof readConfig>) => c.proxies.header,
      'x-real-ip',
    ],
    ['SCAN_SCHEDULE', 'off', (c: ReturnType<typeof readConfig>) => c.scan.schedule, undefined],
    [
      'SCAN_SCHEDULE',
      '*/15 8-17 1,15 jan-Jun 1-7/2',
      (c: ReturnType<typeof readConfig>) => c.scan.schedule,
      '*/15 8-17 1,15 jan-Jun 1-7/2',
    ],
    [
      'SCAN_OSV',
      'https://osv.example/api',
      (c: ReturnType<typeof readConfig>) => String(c.scan.osv),
      'https://osv.example/api',
    ],
    ['SCAN_OSV', './osv.zip', (c: ReturnType<typeof readConfig>) => c.scan.osv, './osv.zip'],
    [
      'OTEL_LOGS_EXPORTER',
      'otlp',
      (c: ReturnType<typeof readConfig>) => c.telemetry.exportLogs,
      true,
    ],
    ['OTEL_SDK_DISABLED', 'true', (c: ReturnType<typeof readConfig>) => c.telemetry.disabled, true],
  ] as const
  for (const [name, value, read, expected] of good)
    test(`${name}=${value} is read`, () => {
      expect(read(readConfig({ [name]: value }))).toEqual(expected as never)
    })

  const bad = [
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['DB_POOL_MAX', '0'],
    ['REQUEST_TIMEOUT', '30 seconds'],
    ['REQUEST_TIMEOUT', '30d'],
    ['MAX_IN_FLIGHT', '0'],
    ['MAX_EVENT_LOOP_LAG', '9'],
    ['RECONCILE_AFTER', '99'],
    ['RECONCILE_AFTER', '0'],
    ['DATABASE_URL', 'mysql://x/y'],
    ['ENCRYPTION_KEY', 'abc'],
    ['ENCRYPTION_KEY', `${'ab'.repeat(32)},${'ab'.repeat(32)}`],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', 'proxy.example'],
    ['PROXY_HEADER', 'X Forwarded'],
    ['CORS_ORIGINS', 'https://a.example/path'],
    ['PUBLIC_URL', 'https://user:hunter2@caly.example'],
    ['RATE_LIMIT_GLOBAL', '0/1m'],
    ['RATE_LIMIT_GLOBAL', '10/5'],
    ['ANOMALY_MODE', 'maybe'],
    ['METRICS_TOKEN', 'hunter2'],
    ['SCAN_SCHEDULE', 'daily'],
    ['SCAN_SCHEDULE', '0 24 * * *'],
    ['SCAN_SCHEDULE', '0 3 * * 5-1'],
    ['SCAN_SCHEDULE', '*/0 3 * * *'],
    ['SCAN_OSV', 'https://user:hunter2@osv.example'],
    ['OTEL_TRACES_SAMPLER_ARG', '2'],
    ['OTEL_LOGS_EXPORTER', 'file'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'grpc'],
    ['OTEL_TRACES_EXPORTER', 'hunter2'],
    ['OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', 'collector:4318'],
    ['LOG_LEVEL', 'loud'],
  ] as const
  for (const [name, value] of bad)
    test(`${name}=${value} is refused by name, without the value`, () => {
      const faults = faultsOf({ [name]: value })
      expect(faults).toHaveLength(1)
      expect(faults[0]).toStartWith(`${name} must be `)
      expect(faults[0]).not.toContain('hunter2')
    })
})

test('what --help and the guide call the default is the default', () => {
  const nothing = readConfig({})
  const defaults = environment({})
  if (defaults instanceof type.errors) throw new Error(defaults.summary)
  for (const name of Object.keys(defaults) as (keyof typeof defaults)[]) {
    const [told] = variables[name]
    const value = told === 'any' ? '' : told.replace(/ where .*/, '')
    expect([name, readConfig({ [name]: value })]).toEqual([name, nothing])
  }
})

test('docs/configuration.md is what the service reads', async () => {
  // Out of date? bun run docs:configuration
  expect(await keptConfigurationPage()).toBe(configurationPage())
})

test('every variable has a meaning for --help', () => {
  for (const [name, [, meaning]] of Object.entries(variables)) {
    expect(name).toMatch(/^[A-Z_]+$/)
    expect(meaning.length).toBeGreaterThan(5)
  }
})
