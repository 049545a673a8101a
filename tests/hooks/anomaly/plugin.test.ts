import { describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { NotFoundError } from '../../../src/errors.ts'
import {
  type AnomalyOptions,
  anomalyDetection,
  anomalyInspection,
  type Finding,
  type Handling,
  refusedInspection,
} from '../../../src/hooks/anomaly/index.ts'
import { problemDetails } from '../../../src/hooks/problem-details/index.ts'

const sql = "x' OR '1'='1"
const honest = "O'Brien & Sons <sales@example.com>; call back at 5 | 6"

/** An app under detection, what it told, and a way to ask it. */
function watched(options: Partial<AnomalyOptions> = {}) {
  const told: { readonly findings: readonly Finding[]; readonly handling: Handling }[] = []
  const detection = anomalyDetection({
    mode: 'monitor',
    onFindings: (findings, handling) => told.push({ findings, handling }),
    ...options,
  })
  const app = new Elysia()
    .use(refusedInspection(detection))
    .use(problemDetails())
    .use(
      new Elysia()
        .use(anomalyInspection(detection))
        .get('/things/:id', () => 'a thing')
        .get('/missing/:id', () => {
          throw new NotFoundError('There is no such thing')
        })
        .post('/things', () => 'made'),
    )
  return {
    told,
    places: () =>
      told.flatMap(({ findings }) => findings.map(({ kind, place }) => `${kind} in ${place}`)),
    get: (path: string, headers: Record<string, string> = {}) =>
      app.handle(new Request(`http://localhost${path}`, { headers })),
    head: (path: string, headers: Record<string, string>) =>
      app.handle(new Request(`http://localhost${path}`, { method: 'HEAD', headers })),
    post: (body: unknown, path = '/things') =>
      app.handle(
        new Request(`http://localhost${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      ),
  }
}

describe('anomalyInspection()', () => {
  test('finds an attack wherever a request can carry it', async () => {
    const { get, post, places } = watched()
    await get(`/things/${encodeURIComponent(sql)}`)
    await get(`/things/1?name=${encodeURIComponent(sql)}`)
    await get('/things/1', { 'user-agent': `Mozilla/5.0 ${sql}` })
    await post({ notes: { inner: ['fine', sql] } })
    expect(places()).toEqual([
      'sql-injection in path',
      'sql-injection in query',
      'sql-injection in header',
      'sql-injection in body',
    ])
  })

  test('finds operators and prototypes in the names of parameters and fields', async () => {
    const { get, post, places } = watched()
    await get('/things/1?password[$ne]=1')
    await post({ password: { $ne: null } })
    await get('/things/1?__proto__[admin]=1')
    expect(places()).toEqual([
      'nosql-injection in query',
      'nosql-injection in body',
      'prototype-pollution in query',
    ])
  })

  test('finds an attack inside of a text that is JSON itself', async () => {
    const { get, post, places } = watched()
    await get(`/things/1?filter=${encodeURIComponent(JSON.stringify({ id: sql }))}`)
    await post({ payload: JSON.stringify([{ note: sql }]) })
    expect(places()).toEqual(['sql-injection in query', 'sql-injection in body'])
  })

  test('monitors: the request goes on', async () => {
    const { get, told } = watched()
    expect((await get(`/things/1?name=${encodeURIComponent(sql)}`)).status).toBe(200)
    expect(told.map(({ handling }) => handling)).toEqual(['monitor'])
  })

  test('blocks with 403 and says so, and repeats nothing of the attack', async () => {
    const { get, told } = watched({ mode: 'block' })
    const response = await get(`/things/1?name=${encodeURIComponent(sql)}`)
    expect(response.status).toBe(403)
    expect(await response.text()).not.toContain("'1'")
    expect(told.map(({ handling }) => handling)).toEqual(['block'])
    expect(JSON.stringify(told)).not.toContain("'1'")
  })

  test('lets honest texts pass, everywhere', async () => {
    const { get, post, told } = watched({ mode: 'block' })
    const text = encodeURIComponent(honest)
    expect((await get(`/things/${text}?name=${text}`)).status).toBe(200)
    expect((await post({ notes: honest, tags: [honest] })).status).toBe(200)
    expect(told).toEqual([])
  })

  test('looks at nothing when it is off', async () => {
    const { get, told } = watched({ mode: 'off' })
    await get(`/things/1?name=${encodeURIComponent(sql)}`)
    await get(`/nothing?name=${encodeURIComponent(sql)}`)
    expect(told).toEqual([])
  })

  test('names a field only where the schema of its route has it', async () => {
    const { post, told } = watched({ isDeclared: (_, __, name) => name === 'notes' })
    await post({ notes: sql })
    await post({ [`n9876543210`]: sql })
    expect(told.map(({ findings }) => findings[0]?.name)).toEqual(['notes', undefined])
  })

  test('goes on where the detection itself fails', async () => {
    const failures: unknown[] = []
    const { get } = watched({
      mode: 'block',
      onFindings: () => {
        throw new Error('broken')
      },
      onError: (error) => failures.push(error),
    })
    expect((await get(`/things/1?name=${encodeURIComponent(sql)}`)).status).toBe(200)
    expect(failures).toHaveLength(1)
  })
})

describe('the headers that were found to be clean', () => {
  test('are none that name a scanner', async () => {
    const { get, places } = watched()
    await get('/things/1', { referer: 'nuclei/3.1' })
    await get('/things/1', { 'user-agent': 'nuclei/3.1' })
    expect(places()).toEqual(['scanning in header'])
  })
})

describe('an exception', () => {
  const exception = { route: '/things', method: 'POST', place: 'body', name: 'secret' } as const

  test('covers its own field and no other', async () => {
    const { post, get, places } = watched({ exceptions: [exception] })
    await post({ secret: sql })
    expect(places()).toEqual([])
    await post({ secret: sql, notes: sql })
    await get(`/things/1?secret=${encodeURIComponent(sql)}`)
    expect(places()).toEqual(['sql-injection in body', 'sql-injection in query'])
  })

  test('covers its own kinds and no other', async () => {
    const { post, places } = watched({
      exceptions: [{ ...exception, kinds: ['cross-site-scripting'] }],
    })
    await post({ secret: '<script>alert(1)</script>' })
    await post({ secret: sql })
    expect(places()).toEqual(['sql-injection in body'])
  })

  test('covers HEAD where it covers GET, and a header however it is written', async () => {
    const { told, head } = watched({
      exceptions: [
        { route: '/things/:id', method: 'GET', place: 'query' },
        { route: '/things/:id', place: 'header', name: 'User-Agent' },
      ],
    })
    await head(`/things/1?q=${encodeURIComponent(sql)}`, { 'user-agent': sql })
    expect(told).toEqual([])
  })

  test('covers a text, and no operator in its place', async () => {
    const { post, places } = watched({ exceptions: [exception] })
    await post({ secret: { $ne: null } })
    expect(places()).toEqual(['nosql-injection in body'])
  })
})

test('two detections look at a request once each, also where it is refused', async () => {
  const told: string[] = []
  const tells = (name: string, mode: AnomalyOptions['mode']) =>
    anomalyDetection({ mode, onFindings: (_, handling) => told.push(`${name} ${handling}`) })
  const detections = [tells('first', 'monitor'), tells('second', 'block')] as const
  const app = new Elysia()
  for (const detection of detections) app.use(refusedInspection(detection))
  app.use(problemDetails())
  for (const detection of detections) app.use(anomalyInspection(detection).as('global'))
  app.get('/', () => 'a thing')
  await app.handle(new Request(`http://localhost/?name=${encodeURIComponent(sql)}`))
  expect(told).toEqual(['first monitor', 'second block'])
})

describe('what clients inside of a network send', () => {
  test('is no forged request: where it comes from, where its proxy was asked', async () => {
    const { get, told } = watched({ mode: 'block' })
    const headers = {
      referer: 'http://localhost:5173/calls',
      origin: 'http://192.168.1.20:8080',
      'x-forwarded-host': 'caly.internal',
    }
    expect((await get('/things/1', headers)).status).toBe(200)
    expect(told).toEqual([])
  })
})

describe('a request with too much to look at', () => {
  test('is told, and refused by nobody for that', async () => {
    const { post, told } = watched({ mode: 'block' })
    expect((await post({ notes: 'all is "fine" '.repeat(5000) })).status).toBe(200)
    expect(told.map(({ findings, handling }) => [findings[0]?.kind, handling])).toEqual([
      ['oversized', 'monitor'],
    ])
  })

  test('is told for parameters that are too many, empty ones not counted', async () => {
    const { get, places } = watched()
    await get(`/things/1?${'&'.repeat(5000)}q=${encodeURIComponent(sql)}`)
    expect(places()).toEqual(['sql-injection in query'])
    await get(`/things/1?${'a&'.repeat(1500)}`)
    expect(places()[1]).toBe('oversized in query')
  })

  test('is looked into beside what is too deep', async () => {
    const { post, places } = watched()
    let deep: unknown = 'x'
    for (let level = 0; level < 80; level += 1) deep = [deep]
    await post({ deep, notes: sql })
    expect(places()).toEqual(['sql-injection in body', 'oversized in body'])
  })

  test('has twenty findings at most, however many places', async () => {
    const { post, told } = watched({ isDeclared: () => true })
    const fields = Array.from({ length: 100 }, (_, i) => [`f${i}`, `${sql} -- ${i}`])
    await post(Object.fromEntries(fields))
    expect(told[0]?.findings).toHaveLength(20)
  })

  test('is told as oversized, and what stands at its ends is found', async () => {
    const long = 'all is "fine" '.repeat(5000)
    for (const notes of [`${sql} -- ${long}`, `${long} ${sql}`]) {
      const { post, places } = watched()
      await post({ notes })
      expect(places().sort()).toEqual(['oversized in body', 'sql-injection in body'])
    }
  })

  test('is told when it has too many parts', async () => {
    const { post, places } = watched()
    await post({ list: Array.from({ length: 20_000 }, () => 1) })
    expect(places()).toEqual(['oversized in body'])
  })

  test('is told when it is long, and that length is an option', async () => {
    const notes = 'All is well with the line today. '.repeat(20_000)
    const { post, places } = watched()
    await post({ notes })
    expect(places()).toEqual(['oversized in body'])
    const patient = watched({ length: 1_000_000 })
    await patient.post({ notes })
    expect(patient.told).toEqual([])
  })
})

describe('refusedInspection()', () => {
  test('tells of an attack on a path that no route has', async () => {
    const { get, told, places } = watched({ mode: 'block' })
    expect((await get(`/nothing?name=${encodeURIComponent(sql)}`)).status).toBe(404)
    expect(places()).toEqual(['sql-injection in query'])
    expect(told[0]?.handling).toBe('refused')
  })

  for (const path of ['/.env', '/app/.env.production', '/.git/HEAD', '/.docker/config.json'])
    test(`tells of ${path}, which only who looks for secrets asks for`, async () => {
      const { get, places } = watched()
      await get(path)
      expect(places()).toEqual(['path-traversal in path'])
    })

  test('tells of no well-known address', async () => {
    const { get, told } = watched()
    await get('/.well-known/security.txt')
    await get('/robots.txt')
    expect(told).toEqual([])
  })

  test('tells of a blocked request once', async () => {
    const { get, told } = watched({ mode: 'block' })
    await get(`/things/1?name=${encodeURIComponent(sql)}`)
    expect(told).toHaveLength(1)
  })
})

describe('scanning', () => {
  const from = { source: () => '203.0.113.7' }

  test('is told of a tool that names itself', async () => {
    const { get, places } = watched()
    await get('/things/1', { 'user-agent': 'sqlmap/1.8.2#stable (https://sqlmap.org)' })
    expect(places()).toEqual(['scanning in header'])
  })

  test('is told of many requests to paths that no route has, once a window', async () => {
    let time = 0
    const { get, places } = watched({ ...from, scans: { now: () => time } })
    for (let i = 0; i < 19; i += 1) await get(`/backup-${i}.zip`)
    expect(places()).toEqual([])
    for (let i = 0; i < 40; i += 1) await get(`/old-${i}.zip`)
    expect(places()).toEqual(['scanning in traffic'])
    time = 60_001
    for (let i = 0; i < 20; i += 1) await get(`/new-${i}.zip`)
    expect(places()).toHaveLength(2)
  })

  test('is told of many kinds of attack, and of no single one', async () => {
    const { get, places } = watched(from)
    const ask = (text: string) => get(`/things/1?q=${encodeURIComponent(text)}`)
    for (let i = 0; i < 30; i += 1) await ask(sql)
    expect(places()).not.toContain('scanning in traffic')
    await ask('<script>alert(1)</script>')
    await ask('../../../../etc/passwd')
    expect(places()).toContain('scanning in traffic')
  })

  test('is told of no path that is asked for again and again', async () => {
    const { get, told } = watched(from)
    for (let i = 0; i < 60; i += 1) await get('/favicon.ico')
    expect(told).toEqual([])
  })

  test('is told of a hundred different things that are not there', async () => {
    const { get, places } = watched(from)
    for (let i = 0; i < 99; i += 1) await get(`/missing/${i}`)
    expect(places()).toEqual([])
    await get('/missing/99')
    expect(places()).toEqual(['scanning in traffic'])
  })

  test('is never why a request is refused', async () => {
    const { get, told } = watched({ ...from, mode: 'block' })
    const ask = (text: string) => get(`/things/1?q=${encodeURIComponent(text)}`)
    await ask(sql)
    await ask('<script>alert(1)</script>')
    await ask('../../../../etc/passwd')
    const scanning = told.find(({ findings }) => findings[0]?.kind === 'scanning')
    expect(scanning?.handling).toBe('refused')
  })

  test('watches a bounded number of addresses, and forgets the first', async () => {
    let address = 'a'
    const scans = { sources: 2, unknownPaths: 2 }
    const { get, places } = watched({ source: () => address, scans })
    for (const next of ['a', 'b', 'c', 'a']) {
      address = next
      await get('/nothing')
    }
    expect(places()).toEqual([])
    await get('/nothing-else')
    expect(places()).toEqual(['scanning in traffic'])
  })
})
