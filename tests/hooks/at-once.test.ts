/** What needs nothing that takes time is answered without waiting a turn of the event loop. */
import { describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { RateLimitError } from '../../src/errors.ts'
import { httpsRedirect } from '../../src/hooks/https-redirect.ts'
import { problemDetails } from '../../src/hooks/problem-details/index.ts'
import {
  type LimiterStore,
  memoryStore,
  quota,
  rateLimit,
} from '../../src/hooks/rate-limit/index.ts'
import { saneRequest } from '../../src/hooks/sane-request.ts'
import { securityHeaders } from '../../src/hooks/security-headers.ts'
import { sizedAnswers } from '../../src/hooks/sized-answers.ts'
import { unparsed } from '../../src/hooks/unparsed.ts'
import { caly } from '../../src/plugins/index.ts'

const get = (path = '/') => new Request(`http://localhost${path}`)

describe('A route that needs nothing', () => {
  test('is answered at once with all of Caly around it', () => {
    const app = new Elysia().use(caly({ telemetry: false, log: false })).get('/', () => 'hello')
    unparsed(app)
    expect(app.fetch(get())).toBeInstanceOf(Response)
  })

  test('is answered at once with what the service has beside', () => {
    const app = new Elysia()
      .use(securityHeaders({ noStore: ['/api'] }))
      .use(saneRequest({ allowedHosts: ['localhost'], anyHost: ['/health'] }))
      .use(httpsRedirect({ isSecure: () => true, exempt: ['/health'] }))
      .use(sizedAnswers())
      .get('/', () => ({ greeting: 'hello' }))
    unparsed(app)
    expect(app.fetch(get())).toBeInstanceOf(Response)
  })

  test('waits where its limits are kept elsewhere', async () => {
    const memory = memoryStore()
    const elsewhere: LimiterStore = {
      take: async (...args) => memory.take(...args),
      giveBack: memory.giveBack,
    }
    const app = new Elysia()
      .use(rateLimit({ name: 'far', quota: quota(1, 60_000), store: elsewhere, key: () => 'a' }))
      .get('/', () => 'hello')
    const answers = [await app.handle(get()), await app.handle(get())]
    expect(answers.map(({ status }) => status)).toEqual([200, 429])
  })
})

describe('A refusal', () => {
  const refusing = (onLimited: () => unknown) =>
    new Elysia()
      .use(
        problemDetails({
          translate: (error) => (error instanceof Full ? new RateLimitError(7) : undefined),
        }),
      )
      .use(
        rateLimit({
          name: 'near',
          quota: quota(1, 60_000),
          store: memoryStore(),
          key: () => 'a',
          onLimited,
        }),
      )
      .get('/', () => 'hello')

  class Full extends Error {}

  test('is answered after it was told', async () => {
    const order: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const app = refusing(() => promise.then(() => order.push('told')))
    await app.handle(get())
    const refused = app.handle(get()).then(({ status }) => order.push(`answered ${status}`))
    await new Promise((done) => setImmediate(done))
    expect(order).toEqual([])
    resolve()
    await refused
    expect(order).toEqual(['told', 'answered 429'])
  })

  test('that could not be told is answered as that failure', async () => {
    const app = refusing(() => Promise.reject(new Full()))
    await app.handle(get())
    const refused = await app.handle(get())
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7'])
  })

  test('is told before its own answer in an app without a hook for errors, too', async () => {
    let told = false
    const app = new Elysia()
      .use(
        rateLimit({
          name: 'alone',
          quota: quota(1, 60_000),
          store: memoryStore(),
          key: () => 'a',
          async onLimited() {
            await new Promise((done) => setImmediate(done))
            told = true
          },
        }),
      )
      .get('/', () => 'hello')
    await app.handle(get())
    expect((await app.handle(get())).status).toBe(429)
    expect(told).toBeTrue()
  })
})
