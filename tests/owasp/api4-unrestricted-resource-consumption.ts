/** API4:2023. Whatever costs time, memory or money, in every field and parameter, and as often as it goes. */

import { describe, expect, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { addressLimit, apiLimit, type Exposed } from './exposed.ts'
import { nobodysId, pathWith, type Target } from './surface.ts'
import type { Tenants } from './tenants.ts'

/** Just below what a body may have. */
const most = 1_000_000

/** Long, and of the shapes that make careless patterns try for ever. */
const longTexts = [
  'x'.repeat(most),
  ' '.repeat(200_000),
  `${'a@'.repeat(100_000)}`,
  `a@${'a.'.repeat(100_000)}`,
  `+${'9'.repeat(200_000)}`,
  `${'2026-'.repeat(40_000)}Z`,
  'e\u0301'.repeat(60_000),
  `caly_refresh_${'A'.repeat(200_000)}!`,
]

/** Bodies that are small to send and dear to read. */
const bombs: readonly (readonly [what: string, body: string])[] = [
  ['nested 100,000 deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ['a list nested 100,000 deep', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['of 100,000 fields', `{${Array.from({ length: 100_000 }, (_, i) => `"${i}":1`).join()}}`],
  ['of 300,000 items', `[${'1,'.repeat(300_000)}1]`],
  ['of a number of 500,000 digits', `{"a":${'9'.repeat(500_000)}}`],
  ['of an exponent without end', '{"a":1e999999999}'],
]

const badLimits = [
  '0',
  '-1',
  '101',
  '1e9',
  '1000000',
  '99999999999999999999',
  '1.5',
  'NaN',
  '',
  'all',
]

/** Registers the attempts that are about size: on a service that limits no rate. */
export function resourceSizes(stage: Tenants): void {
  const { api, platform, victim } = stage
  const own = /^\/(api\/(scans|vulnerabilities)|health\/|metrics)/
  const ask = (path: string) => (own.test(path) ? platform : victim).users.admin.ask
  const send = (target: Target, body: unknown, headers = {}) =>
    ask(target.path)(target.method, pathWith(target, nobodysId), body, headers)
  const bodied = api.targets.filter(({ fields }) => fields !== undefined)

  describe('API4:2023 Unrestricted Resource Consumption', () => {
    for (const target of bodied.filter(({ fields = {} }) => Object.keys(fields).length > 0))
      test(`${target.route} refuses a long text, a long list and an endless number in each of its fields`, async () => {
        const costly = [
          ...longTexts,
          Array(2000).fill('x'),
          Array(500).fill({ a: [] }),
          1e300,
          -1e300,
        ]
        for (const field of Object.keys(target.fields ?? {}))
          for (const value of costly) {
            const { status } = await send(target, { ...target.example, [field]: value })
            expect([field, String(value).slice(0, 9), status]).toEqual([
              field,
              String(value).slice(0, 9),
              422,
            ])
          }
      })

    for (const [what, body] of bombs)
      test(`a body ${what} is refused on every route before it is read into memory`, async () => {
        for (const target of bodied) {
          const { status } = await send(target, body)
          expect([target.route, [400, 422].includes(status)]).toEqual([target.route, true])
        }
      })

    test('a body that grows when it is unpacked is not unpacked', async () => {
      const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20)).toString('latin1')
      for (const target of bodied)
        for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip']) {
          const { status } = await send(target, bomb, { 'content-encoding': encoding })
          expect([target.route, encoding, status]).toEqual([target.route, encoding, 415])
        }
    })

    test('no page has more than a hundred entries, whichever way it is asked for', async () => {
      for (const { path } of api.targets.filter(({ query }) =>
        query.some(({ name }) => name === 'limit'),
      )) {
        for (const limit of badLimits) {
          const { status } = await ask(path)('GET', `${path}?limit=${limit}`)
          expect([path, limit, status]).toEqual([path, limit, 422])
        }
        for (const [query, size] of [
          ['', 20],
          ['?limit=100', 100],
        ] as const) {
          const { body } = await ask(path)('GET', path + query)
          expect([path, body.items.length <= size]).toEqual([path, true])
        }
      }
      for (const limit of [0, -1, 101, 1e9, 1.5, '100', null])
        expect(
          (await ask('')('POST', '/api/calls/search', { number: '+919876500042', limit })).status,
        ).toBe(422)
    })

    test('each parameter of a query is bounded, and so is their number', async () => {
      for (const { path, query } of api.targets)
        for (const { name } of query)
          for (const value of ['x'.repeat(8000), '%25'.repeat(2000), '9'.repeat(8000)]) {
            const { status } = await ask(path)('GET', `${path}?${name}=${value}`)
            expect([path, name, status]).toEqual([path, name, 422])
          }
      const many = Array.from({ length: 150 }, (_, i) => `a${i}=1`).join('&')
      for (const target of api.targets.filter(
        ({ method, path }) => method === 'GET' && !/secret/.test(path),
      ))
        expect([
          target.route,
          (await ask(target.path)('GET', `${pathWith(target, nobodysId)}?${many}`)).status,
        ]).toEqual([target.route, 422])
    })

    test('a statistic over all of time, and a search by any pattern, are refused', async () => {
      const wide = ['from=0001-01-01', 'from=1900-01-01&to=9999-12-31', 'from=2020-01-01']
      for (const query of wide)
        expect([query, (await ask('')('GET', `/api/calls/stats?${query}`)).status]).toEqual([
          query,
          422,
        ])
      for (const pattern of ['%25', '_', '%2A%2A', '.%2A', '(a%2B)%2B$', '*A', 'A*B*'])
        expect([pattern, (await ask('')('GET', `/api/audit?eventType=${pattern}`)).status]).toEqual(
          [pattern, 422],
        )
    })

    test('after all of it the service passes its own checks', async () => {
      const { body } = await platform.users.admin.ask('GET', '/health/detailed')
      expect(body.status).not.toBe('fail')
    })
  })
}

/** Registers the attempts that are about number: on a service with limits. */
export function resourceRates(stage: Exposed): void {
  const { bob, from, guarded, newAddress } = stage

  describe('API4:2023 Unrestricted Resource Consumption', () => {
    test('an address that asks too often is refused everywhere but by the probes, and others are not', async () => {
      const greedy = from(newAddress())
      const asked = Array.from({ length: addressLimit }, (_, i) =>
        greedy('GET', `/api/calls?n=${i}`),
      )
      expect(new Set((await Promise.all(asked)).map(({ status }) => status))).toEqual(
        new Set([401]),
      )
      for (const path of [
        '/api',
        '/nothing',
        '/docs',
        '/api/webhooks/exotel/guess',
        ...guarded.map(({ route }) => route.split(' ')[1] ?? ''),
      ]) {
        const { status, headers } = await greedy('GET', path)
        expect([path, status]).toEqual([path, 429])
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      }
      for (const path of ['/health/live', '/health/ready'])
        expect((await greedy('GET', path)).status).toBe(200)
      expect((await from(newAddress())('GET', '/api')).status).toBe(200)
    })

    test('a person has one quota, from however many addresses and with however many sessions they ask', async () => {
      const { body } = await from(newAddress())('POST', '/api/auth/refresh', {
        refreshToken: bob.refreshToken,
      })
      const tokens = [bob.token, body.accessToken]
      const answers = await Promise.all(
        Array.from({ length: apiLimit + 20 }, (_, i) =>
          from(newAddress(), tokens[i % 2])('GET', '/api/calls'),
        ),
      )
      const served = answers.filter(({ status }) => status === 200).length
      expect(served).toBeLessThanOrEqual(apiLimit)
      const refused = answers.filter(({ status }) => status === 429)
      expect(served + refused.length).toBe(answers.length)
      expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
    })
  })
}
