/** HTTPS served directly, and HTTPS that a trusted proxy took away. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificate } from '../support/certificate.ts'
import { clientOf } from '../support/client.ts'
import { sendRaw } from '../support/http.ts'
import { type Caly, eventually, freePort, startCaly } from '../support/process.ts'
import { sample } from '../telemetry/support.ts'

let folder: string
let direct: Caly
let behind: Caly

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caly-tls-'))
  const { cert, key } = makeCertificate(folder)
  const port = String(await freePort())
  ;[direct, behind] = await Promise.all([
    startCaly({
      env: { TLS_CERT: cert, TLS_KEY: key, PORT: port, FORCE_HTTPS: 'on' },
      ready: false,
    }),
    startCaly({
      env: {
        HOST: '0.0.0.0',
        FORCE_HTTPS: 'on',
        TRUSTED_PROXIES: '127.0.0.1,::1',
        ALLOWED_HOSTS: 'localhost,caly.example',
        PUBLIC_URL: 'https://caly.example',
      },
    }),
  ])
  await waitForTls(direct)
}, 120_000)
afterAll(async () => {
  await Promise.all([direct.stop(), behind.stop()])
  await rm(folder, { recursive: true, force: true })
}, 60_000)

interface TlsAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

function secure(caly: Caly, path: string): Promise<TlsAnswer> {
  return new Promise((resolve, reject) => {
    const options = { host: 'localhost', port: caly.port, path, rejectUnauthorized: false }
    const ask = request(options, (response) => {
      const { statusCode: status = 0, headers } = response
      let body = ''
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      response.on('end', () => resolve({ status, headers, body }))
    })
    ask.on('error', reject)
    ask.end()
  })
}

async function waitForTls(caly: Caly): Promise<void> {
  const deadline = performance.now() + 60_000
  while (performance.now() < deadline) {
    const answer = await secure(caly, '/health/ready').catch(() => undefined)
    if (answer?.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`Caly did not become ready:\n${caly.output().slice(-2000)}`)
}

test('a certificate makes it serve HTTPS itself, with HSTS and without a redirect', async () => {
  const { status, headers } = await secure(direct, '/api')
  expect(status).toBe(200)
  expect(headers['strict-transport-security']).toContain('max-age=')
})

test('operators see how long the certificate is good', async () => {
  const { status, body } = await secure(direct, '/metrics')
  expect(status).toBe(200)
  const days = (sample(body, 'caly_tls_certificate_remaining_seconds') ?? Number.NaN) / 86_400
  expect(days).toBeGreaterThan(1.9)
  expect(days).toBeLessThanOrEqual(2)
})

test('a client that does not end its handshake is cut within 15 seconds', async () => {
  const hello = Uint8Array.of(0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3)
  const cut = await Promise.all(['', hello].map((bytes) => sendRaw(direct.port, bytes, 15_000)))
  expect(cut).toEqual(['', ''])
}, 30_000)

test('behind a trusted proxy that says https there is no redirect, and HSTS', async () => {
  const { status, headers } = await clientOf(behind)('GET', '/api', undefined, {
    'x-forwarded-proto': 'https, http',
    // The inner proxy is told by the outer one, over plain HTTP.
    'x-forwarded-for': '198.51.100.7, 127.0.0.1',
  })
  expect(status).toBe(200)
  expect(headers.get('strict-transport-security')).toContain('max-age=')
})

test('behind a trusted proxy a client that says https itself is redirected', async () => {
  const { status } = await clientOf(behind)('GET', '/api', undefined, {
    'x-forwarded-proto': 'https, http',
    'x-forwarded-for': '198.51.100.7',
  })
  expect(status).toBe(308)
})

test('behind a trusted proxy that says http it redirects, probes and scrapers apart', async () => {
  const http = { 'x-forwarded-proto': 'http', 'x-forwarded-for': '198.51.100.7' }
  const { status, headers } = await clientOf(behind)('POST', '/api/calls?x=1', {}, http)
  expect(status).toBe(308)
  expect(headers.get('location')).toBe('https://localhost/api/calls?x=1')
  expect((await clientOf(behind)('GET', '/health/ready', undefined, http)).status).toBe(200)
})

test('the simulator reports to a service that only a proxy can reach, and its calls end', async () => {
  const https = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.7' }
  const client = clientOf(behind)
  const { body: session } = await client('POST', '/api/auth/login', behind.admin, https)
  const headers = { ...https, authorization: `Bearer ${session.accessToken}` }
  const call = { from: '+912233445566', to: '+919876543210' }
  const { status, body } = await client('POST', '/api/calls', call, headers)
  expect(status).toBe(202)
  const ended = await eventually(
    () => client('GET', `/api/calls/${body.id}`, undefined, headers),
    (answer) => answer.body.endedAt !== null,
  )
  expect(ended.body.status).toBe('completed')
  const callbacks = ended.body.events.filter(
    (event: { source: string }) => event.source === 'callback',
  )
  expect(callbacks.map((event: { status: string }) => event.status)).toContain('completed')
}, 30_000)

test('a certificate that cannot be read is said in a sentence', async () => {
  const caly = await startCaly({
    env: { TLS_CERT: join(folder, 'no.pem'), TLS_KEY: join(folder, 'no.pem') },
    ready: false,
  })
  expect(await caly.exited()).toBe(2)
  expect(caly.output()).toContain('TLS_CERT cannot be read')
  await caly.stop()
}, 30_000)
