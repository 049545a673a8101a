import { describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import {
  canonicalAddress,
  currentRequest,
  type ProxyTrust,
  type RequestContext,
  requestContext,
} from '../../src/hooks/request-context/index.ts'

type Seen = Pick<RequestContext, 'clientAddress' | 'secure' | 'forwarded'>

/** What the app sees of a client behind `peer` that sends these headers. */
async function seen(
  peer: string,
  headers: Record<string, string>,
  proxies?: ProxyTrust,
): Promise<Seen> {
  const app = new Elysia()
    .use(requestContext({ peerAddress: () => peer, ...(proxies && { proxies }) }))
    .get('/', ({ requestContext: { clientAddress, secure, forwarded } }) => ({
      clientAddress,
      secure,
      forwarded,
    }))
  const response = await app.handle(new Request('http://localhost/', { headers }))
  return (await response.json()) as Seen
}

describe('the client address', () => {
  const proxies = { trusted: ['10.0.0.0/8', 'fd00::/8'], header: 'X-Forwarded-For' }
  const cases = [
    [
      'is the peer where no proxy is trusted',
      '203.0.113.9',
      '198.51.100.1',
      undefined,
      '203.0.113.9',
    ],
    [
      'is the peer where the peer is not trusted',
      '203.0.113.9',
      '198.51.100.1',
      proxies,
      '203.0.113.9',
    ],
    ['is what a trusted proxy says', '10.0.0.1', '198.51.100.1', proxies, '198.51.100.1'],
    ['is read from the right', '10.0.0.1', '1.2.3.4, 198.51.100.1', proxies, '198.51.100.1'],
    [
      'skips proxies that are trusted too',
      '10.0.0.1',
      '198.51.100.1, 10.9.9.9',
      proxies,
      '198.51.100.1',
    ],
    ['is the peer where the header makes no sense', '10.0.0.1', 'unknown', proxies, '10.0.0.1'],
    ['has no port', '10.0.0.1', '198.51.100.1:4711', proxies, '198.51.100.1'],
    ['is IPv6 without brackets', 'fd00::1', '[2001:DB8::1]:443', proxies, '2001:db8::1'],
    ['is IPv4 where it is mapped', '::ffff:203.0.113.9', '', undefined, '203.0.113.9'],
  ] as const
  for (const [what, peer, header, trust, expected] of cases)
    test(what, async () => {
      const { clientAddress } = await seen(peer, { 'x-forwarded-for': header }, trust)
      expect(clientAddress).toBe(expected)
    })

  test('is read from the one configured header only', async () => {
    const real = { trusted: ['10.0.0.0/8'], header: 'X-Real-IP' }
    const headers = { 'x-real-ip': '198.51.100.1', 'x-forwarded-for': '192.0.2.66' }
    expect((await seen('10.0.0.1', headers, real)).clientAddress).toBe('198.51.100.1')
  })

  test('is read from a Forwarded header (RFC 7239)', async () => {
    const rfc = { trusted: ['10.0.0.0/8'], header: 'Forwarded' }
    const headers = { forwarded: 'for="[2001:db8::7]:80";proto=https, for=10.2.3.4' }
    const { clientAddress, secure } = await seen('10.0.0.1', headers, rfc)
    expect(clientAddress).toBe('2001:db8::7')
    expect(secure).toBe(true)
  })

  test('is found quickly in a list of a million commas', async () => {
    const started = performance.now()
    const value = ','.repeat(1_000_000)
    expect((await seen('10.0.0.1', { 'x-forwarded-for': value }, proxies)).clientAddress).toBe(
      '10.0.0.1',
    )
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('whether the client came by HTTPS', () => {
  const list = { trusted: ['10.0.0.0/8'], header: 'X-Forwarded-For' }
  const rfc = { trusted: ['10.0.0.0/8'], header: 'Forwarded' }

  test('is told by a trusted proxy alone', async () => {
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.1' }
    expect((await seen('10.0.0.1', headers, list)).secure).toBe(true)
    expect((await seen('203.0.113.9', headers, list)).secure).toBe(false)
  })

  const lists = [
    ['one word for all hops', '198.51.100.1, 10.9.9.9', 'https', true],
    ['a word for each hop', '198.51.100.1, 10.9.9.9', 'https, http', true],
    ['a word before that of the proxy', '198.51.100.1', 'https, http', false],
    [
      'an address and a word before those of the proxy',
      '1.2.3.4, 198.51.100.1',
      'https, http',
      false,
    ],
  ] as const
  for (const [what, addresses, schemes, secure] of lists)
    test(`is read beside the client's address: ${what}`, async () => {
      const headers = { 'x-forwarded-for': addresses, 'x-forwarded-proto': schemes }
      expect((await seen('10.0.0.1', headers, list)).secure).toBe(secure)
    })

  const elements = [
    ['proto=https, for=203.0.113.9;proto=http', '203.0.113.9', false],
    ['for=203.0.113.9;proto=https, for=10.2.3.4;proto=http', '203.0.113.9', true],
    ['x="a;for=7.7.7.7";for=1.2.3.4;proto=https', '1.2.3.4', true],
    ['for=7.7.7.7;x="a, for=1.2.3.4', '10.0.0.1', false],
    ['host="a\\"b";For="1.2.3.4:80" ; PROTO=HTTPS', '1.2.3.4', true],
    ['for=unknown;proto=https', '10.0.0.1', true],
    ['', '10.0.0.1', false],
  ] as const
  for (const [forwarded, clientAddress, secure] of elements)
    test(`is read from the client's own element of "${forwarded}"`, async () => {
      const client = await seen('10.0.0.1', { forwarded }, rfc)
      expect(client).toMatchObject({ clientAddress, secure })
    })
})

test('a proxy list that is not addresses is refused by name', () => {
  expect(() => requestContext({ proxies: { trusted: ['10.0.0.0/99'] } })).toThrow('10.0.0.0/99')
})

describe('canonicalAddress()', () => {
  const cases = [
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['::FFFF:c633:6407', '198.51.100.7'],
    ['0:0:0:0:0:ffff:198.51.100.7', '198.51.100.7'],
    ['fe80::1%eth0', 'fe80::1'],
    ['2001:0DB8:0000::0001', '2001:db8::1'],
    ['localhost', undefined],
    ['1.2.3', undefined],
    ['', undefined],
  ] as const
  for (const [text, canonical] of cases)
    test(`reads ${JSON.stringify(text)} as ${canonical}`, () =>
      expect(canonicalAddress(text)).toBe(canonical))
})

describe('the request id', () => {
  const app = new Elysia().use(requestContext()).get('/', async ({ requestContext }) => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    return { here: requestContext.id, there: currentRequest()?.id }
  })
  const ask = async (id?: string) => {
    const headers = id === undefined ? {} : { 'x-request-id': id }
    const response = await app.handle(new Request('http://localhost/', { headers }))
    return { header: response.headers.get('x-request-id'), body: await response.json() }
  }

  test("is the caller's where that is usable", async () => {
    const { header, body } = await ask('order-4711.a_b')
    expect(header).toBe('order-4711.a_b')
    expect(body).toEqual({ here: 'order-4711.a_b', there: 'order-4711.a_b' })
  })

  for (const bad of ['short', 'x'.repeat(129), 'has space', '<script>', 'a"b"c"d"e'])
    test(`is a new UUIDv7 instead of ${bad.slice(0, 12)}`, async () => {
      expect((await ask(bad)).header).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      )
    })

  test('is a new one where the application does not want it', async () => {
    const wary = new Elysia()
      .use(requestContext({ acceptsId: (id) => !id.startsWith('secret') }))
      .get('/', () => '')
    const ask = (id: string) =>
      wary.handle(new Request('http://localhost/', { headers: { 'x-request-id': id } }))
    expect((await ask('secret-4711')).headers.get('x-request-id')).not.toContain('secret')
    expect((await ask('public-4711')).headers.get('x-request-id')).toBe('public-4711')
  })

  test('is its own in each of many requests at once, also after an await', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => ask()))
    for (const { header, body } of all) expect(body).toEqual({ here: header, there: header })
    expect(new Set(all.map(({ header }) => header)).size).toBe(50)
  })
})
