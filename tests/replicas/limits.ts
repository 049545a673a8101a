import { expect, test } from 'bun:test'
import { clientOf } from '../support/client.ts'
import { sendRaw } from '../support/http.ts'
import { eventually } from '../support/process.ts'
import type { OpenTrio, Trio, Variables } from './trio.ts'

/** Quotas that a test uses up; what flows back in an hour does not matter. */
export const tight = {
  CALY_PROVIDER: 'simulator',
  RATE_LIMIT_GLOBAL: '90/24h',
  RATE_LIMIT_API: '30/24h',
  RATE_LIMIT_AUTH: '8/24h',
  RATE_LIMIT_WEBHOOK: '20/24h',
  EXOTEL_WEBHOOK_SECRET: 'a-secret-of-the-provider',
} satisfies Variables

/** A request of some client. */
interface From {
  readonly address: string
  readonly method?: string
  readonly path?: string
  readonly headers?: readonly string[]
  readonly body?: string
}

/** Sends a request to the proxy as a client with that address, and gives the status. */
export async function askFrom(
  { proxy }: Trio,
  { address, method = 'GET', path = '/api', headers = [], body = '' }: From,
): Promise<number> {
  const request = [
    `PROXY TCP4 ${address} 127.0.0.1 40000 80`,
    `${method} ${path} HTTP/1.1`,
    ...['host: localhost', 'connection: close', `content-length: ${body.length}`, ...headers],
    ...['', body],
  ]
  const answer = await sendRaw(proxy.toldPort, request.join('\r\n'))
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer ?? '')?.[1])
}

/** How many clients ask at the same time: a burst that stops the machine would keep Redis silent. */
const width = 15

/** How often each status was answered to so many requests. */
export async function tally(
  count: number,
  ask: (index: number) => Promise<number>,
): Promise<Record<number, number>> {
  const counts: Record<number, number> = {}
  let next = 0
  const work = async () => {
    while (next < count) {
      const status = await ask(next++)
      counts[status] = (counts[status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: width }, work))
  return counts
}

/** How often something that Redis slept through is tried. */
const tries = 5

/**
 * Does something that is to be counted by Redis, from nothing. Where Redis was silent for too long
 * each replica has counted alone for a while, as it is meant to: then once more.
 */
async function whileShared(trio: Trio, work: () => Promise<void>): Promise<void> {
  const away = () =>
    trio.replicas.map(({ caly }) => caly().output().split('Redis is away').length).join()
  for (let attempt = 1; ; attempt += 1) {
    await eventually(
      () => Promise.all(trio.replicas.map(({ caly }) => clientOf(caly())('GET', '/health/ready'))),
      (answers) => answers.every(({ body }) => body.checks.rateLimits.status === 'pass'),
    )
    const before = away()
    await trio.forgetCounts()
    try {
      return await work()
    } catch (error) {
      if (away() === before || attempt === tries) throw error
    }
  }
}

/** Requests that the webhook's limit has let through so far, and those over it, at all replicas. */
async function webhookVerdicts({ replicas }: Trio): Promise<readonly [number, number]> {
  const pages = await Promise.all(
    replicas.map(async ({ caly }) => (await fetch(new URL('/metrics', caly().baseUrl))).text()),
  )
  const count = (allowed: boolean) =>
    pages
      .flatMap((page) => page.split('\n'))
      .filter((line) => line.startsWith('caly_rate_limit_verdicts_total{'))
      .filter((line) => line.includes('"webhook"') && line.includes(`allowed="${allowed}"`))
      .reduce((total, line) => total + Number(/ (\d+)/.exec(line)?.[1]), 0)
  return [count(true), count(false)]
}

const json = 'content-type: application/json'

/** Each of the four limits is one quota over three replicas. */
export function limitSuite(trio: OpenTrio): void {
  test('by address: three replicas let through what one limit allows, whatever X-Forwarded-For a client writes', () =>
    whileShared(trio(), async () => {
      const address = '198.51.100.7'
      const before = await trio().proxy.served()
      expect(await tally(120, () => askFrom(trio(), { address }))).toEqual({ 200: 90, 429: 30 })
      const after = await trio().proxy.served()
      for (const [index, served] of after.entries())
        expect(served - (before[index] ?? 0)).toBeGreaterThan(20)
      const spoofed = (index: number) => {
        const other = `203.0.113.${index}`
        const headers = [`x-forwarded-for: ${other}`, `forwarded: for=${other}`]
        return askFrom(trio(), { address, headers })
      }
      expect(await tally(9, spoofed)).toEqual({ 429: 9 })
      // Those whose names it took have their quota, and so has whoever is told by a proxy of its own.
      const named = (index: number) => askFrom(trio(), { address: `203.0.113.${index}` })
      expect(await tally(9, named)).toEqual({ 200: 9 })
    }))

  test('by address, where passwords are tried: wrong ones count together', () =>
    whileShared(trio(), async () => {
      const wrong = (index: number) => {
        const body = JSON.stringify({ email: `nobody-${index}@example.com`, password: 'a guess' })
        const request = { method: 'POST', path: '/api/auth/login', headers: [json], body }
        return askFrom(trio(), { address: '198.51.100.8', ...request })
      }
      expect(await tally(15, wrong)).toEqual({ 401: 8, 429: 7 })
    }))

  test('by user: whatever address, session or key they come with', async () => {
    const [a, b] = trio().replicas
    const { body: session } = await clientOf(b.caly())('POST', '/api/auth/login', a.caly().admin)
    const key = { name: 'busy', scopes: ['calls:read'] }
    const made = await clientOf(a.caly(), session.accessToken)('POST', '/api/keys', key)
    await whileShared(trio(), async () => {
      const ask = (index: number) => {
        const headers = [`authorization: Bearer ${index % 2 ? session.accessToken : made.body.key}`]
        return askFrom(trio(), { address: `192.0.2.${index}`, path: '/api/auth/me', headers })
      }
      expect(await tally(45, ask)).toEqual({ 200: 30, 429: 15 })
    })
  })

  test('by the provider’s secret: callbacks over the limit are taken all the same, and put off', () =>
    whileShared(trio(), async () => {
      const path = `/api/webhooks/exotel/${tight.EXOTEL_WEBHOOK_SECRET}`
      const callback = (index: number) => {
        const body = JSON.stringify({ CallSid: `unheard-of-${index}`, Status: 'completed' })
        const address = `192.0.2.${100 + index}`
        return askFrom(trio(), { address, method: 'POST', path, headers: [json], body })
      }
      const before = await webhookVerdicts(trio())
      expect(await tally(30, callback)).toEqual({ 200: 30 })
      const after = await webhookVerdicts(trio())
      expect([after[0] - before[0], after[1] - before[1]]).toEqual([20, 10])
    }))
}
