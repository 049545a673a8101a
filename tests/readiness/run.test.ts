/** How checks are run, summed up and told, whatever they are about. */
import { expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { keptReadinessPage, readinessPage } from '../../docs/readiness.ts'
import { check, type Tried } from '../../src/readiness/check.ts'
import { checks, openTarget, render, runChecks, verdictOf } from '../../src/readiness/index.ts'

const about = { why: 'Why', fix: 'Fix', api: [8], asvs: [], needs: [] } as const
const made = (name: string, run: () => Promise<Tried> | Tried, intrusive = false) =>
  check({ id: `headers.${name}`, title: 'It is so', ...about, intrusive, run })

const target = openTarget(new URL('http://127.0.0.1:9'))
const seen = (good: boolean, received = 'seen') => [{ sent: 'asked', received, good }]
const statuses = async (...args: Parameters<typeof runChecks>) =>
  (await runChecks(...args)).map(({ check: { id }, status }) => [id, status])

test('a check that throws, hangs or looks at nothing fails, and the others go on', async () => {
  const results = await runChecks(
    [
      made('throws', () => Promise.reject(new Error('postgres://user:secret@host'))),
      made('hangs', () => new Promise(() => undefined)),
      made('looks-at-nothing', () => []),
      made('passes', () => seen(true)),
      made('fails', () => [...seen(true), ...seen(false, 'bad')]),
      made('lacks', () => ({ missing: 'a call' })),
    ],
    { target },
    { limit: 50 },
  )
  expect(results.map(({ status, received }) => [status, received])).toEqual([
    ['fail', 'the check failed: Error'],
    ['fail', 'nothing came of it within 50 ms'],
    ['fail', 'nothing was looked at'],
    ['pass', 'seen'],
    ['fail', 'bad'],
    ['skip', 'needs a call'],
  ])
})

test('what is intrusive is skipped unless it is wanted, and then comes last', async () => {
  const order: string[] = []
  const noting = (name: string, intrusive: boolean) =>
    made(
      name,
      () => {
        order.push(name)
        return seen(true)
      },
      intrusive,
    )
  const both = [noting('writes', true), noting('reads', false)]
  expect(await statuses(both, { target })).toEqual([
    ['headers.writes', 'skip'],
    ['headers.reads', 'pass'],
  ])
  order.length = 0
  await runChecks(both, { target }, { intrusive: true })
  expect(order).toEqual(['reads', 'writes'])
})

test('a check that needs what the run has not is skipped, and says what that is', async () => {
  const needy = check({
    id: 'database.one',
    title: 'It is so',
    ...about,
    needs: ['database'],
    run: () => seen(true),
  })
  const [result] = await runChecks([needy], { target })
  expect(result?.status).toBe('skip')
  expect(result?.received).toContain('leave --url out')
})

test('no check begins after the time of the whole run', async () => {
  expect(await statuses([made('late', () => seen(true))], { target }, { totalLimit: -1 })).toEqual([
    ['headers.late', 'skip'],
  ])
})

test('the percentage is rounded down, and what is skipped is not passed', () => {
  const of = (passed: number, rest: number) =>
    verdictOf([
      ...Array.from({ length: passed }, () => ({ status: 'pass' as const })),
      ...Array.from({ length: rest }, () => ({ status: 'skip' as const })),
    ]).percent
  expect(of(1999, 1)).toBe(99.9)
  expect(of(2, 1)).toBe(66.6)
  expect(of(5, 0)).toBe(100)
  expect(of(0, 0)).toBe(0)
})

test('the report as JUnit XML is well-formed, whatever a service answers', async () => {
  const hostile = '<a href="x">&amp; ]]> \u0000\u001b\ud800 </failure>'
  const results = await runChecks([made('fails', () => seen(false, hostile))], { target })
  const xml = render({ target: 'https://x', version: '1', at: new Date(0), results }, 'junit')
  expect(xml).toContain('&lt;a href=&quot;x&quot;&gt;&amp;amp; ]]&gt;  &lt;/failure&gt;')
  const tags = Array.from(xml.replaceAll(/"[^"<]*"/g, '').matchAll(/<\/?[a-z]+|\/>/g), String)
  expect(tags).toEqual([
    ...['<testsuites', '<testsuite', '<testcase', '<failure'],
    ...['</failure', '</testcase', '</testsuite', '</testsuites'],
  ])
  expect(xml).toContain('tests="1" failures="1" skipped="0"')
})

test('the report for a terminal says of what is not well how to mend it, and sums up', async () => {
  const mixed = [
    made('passes', () => seen(true)),
    made('fails', () => seen(false, 'bad')),
    made('lacks', () => ({ missing: 'a call' })),
  ]
  const results = await runChecks(mixed, { target })
  const run = { target: 'https://x', version: '1.2.3', at: new Date(0), results }
  const told = render(run, 'text')
  for (const part of [
    'Caly 1.2.3, https://x',
    'headers: 1 of 3',
    'ok    headers.passes',
    'received  bad',
    'why       Why',
    'fix       Fix',
    'needs a call',
    '33.3 % ready: 1 of 3 checks passed, 1 failed, 1 skipped',
  ])
    expect(told).toContain(part)
  expect(JSON.parse(render(run, 'json'))).toMatchObject({
    percent: 33.3,
    checks: [
      { id: 'headers.passes', group: 'headers', status: 'pass' },
      { id: 'headers.fails', status: 'fail', received: 'bad', why: 'Why', fix: 'Fix' },
      { id: 'headers.lacks', status: 'skip' },
    ],
  })
})

test('docs/readiness.md is the checks as they are', async () => {
  // Out of date? bun run docs:readiness
  expect(await keptReadinessPage()).toBe(readinessPage())
})

test('the README says how many checks there are', async () => {
  const text = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  expect(text).toContain(`\n${checks.length} checks of a running service`)
  for (const [, total] of text.matchAll(/of (\d+) checks passed/g))
    expect(total).toBe(String(checks.length))
})

test('there are more than 60 checks, each told in full', () => {
  expect(checks.length).toBeGreaterThan(60)
  for (const { id, title, why, fix, api } of checks) {
    expect(id).toMatch(/^[a-z]+\.[a-z0-9-]+$/)
    for (const text of [title, why, fix])
      expect([id, text]).toEqual([id, expect.stringMatching(/^\S.{10,}[^.]$/)])
    expect([id, api.length > 0]).toEqual([id, true])
  }
})
