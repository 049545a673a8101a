import { expect, test } from 'bun:test'
import { querySummaries } from '../../telemetry/queries/query-summary.ts'

const summaries = [
  ['select "id", "name" from "clients" where "id" = $1', 'SELECT clients'],
  ['SELECT\n  1', 'SELECT'],
  ['insert into "audit_logs" ("id") values ($1)', 'INSERT audit_logs'],
  ['update only calls set a = $1', 'UPDATE calls'],
  ['delete from "pgboss"."job" where true', 'DELETE pgboss.job'],
  ['/* a comment */ -- another\nSELECT * FROM users', 'SELECT users'],
  ['with gone as (delete from "calls" returning *) select * from gone', 'SELECT calls'],
  ['WITH next AS (SELECT id FROM job) UPDATE "pgboss".job SET a = 1', 'UPDATE pgboss.job'],
  [
    'with next as (select id from "calls" for update of "calls" skip locked) update only "calls" set a = $1',
    'UPDATE calls',
  ],
  ['WITH n AS (SELECT 1 FROM job FOR NO KEY UPDATE) UPDATE job SET a = $1', 'UPDATE job'],
  [
    'with n as (insert into a values ($1) on conflict do update set b = 1) update c set d = $2',
    'UPDATE c',
  ],
  ['select extract(epoch from now() - "at") from "webhook_events"', 'SELECT webhook_events'],
  ['select extract(epoch from "at"), trim(both from n) from "calls"', 'SELECT calls'],
  ['select extract(epoch from clock_timestamp())', 'SELECT'],
  ['select a is distinct from b from "calls"', 'SELECT calls'],
  ['select * from generate_series($1::int, $2)', 'SELECT'],
  ['begin isolation level serializable', 'BEGIN'],
  ["SELECT pg_notify('calls', 'from secret')", 'SELECT'],
  ['', 'SQL'],
] as const

const summarize = querySummaries()

for (const [text, summary] of summaries)
  test(`querySummaries() says ${summary} of: ${text.replaceAll('\n', ' ')}`, () => {
    expect(summarize(text).summary).toBe(summary)
  })

const texts = [
  ["SELECT * FROM users WHERE name = 'O''Hara' AND a = $1", '... WHERE name = ? AND a = $1'],
  ['SELECT * FROM users LIMIT 20 OFFSET 1.5e-3', '... LIMIT ? OFFSET ?'],
  ['SELECT * FROM users WHERE n IN (1, -2, .5, 0x1F, 1_000)', '... WHERE n IN (?, -?, ?, ?, ?)'],
  ["SELECT * FROM users WHERE at > now() - interval'30 days'", '... WHERE at > now() - interval?'],
  [String.raw`SELECT * FROM users WHERE a = E'it\'s secret' AND b`, '... WHERE a = ? AND b'],
  ['SELECT * FROM users WHERE a = $$sec"ret$$ OR b = $t$se$$cret$t$', '... WHERE a = ? OR b = ?'],
  ["SELECT * FROM users WHERE a = U&'d\\0061' OR b = x'ff'", '... WHERE a = ? OR b = ?'],
  [
    'SELECT * FROM users WHERE "a 1" = int8_2($12) AND x7.y$8',
    '... WHERE "a 1" = int8_2($12) AND x7.y$8',
  ],
  ['SELECT * FROM users /* of 4711 */ WHERE a -- the secret', '...   WHERE a'],
  ["SELECT * FROM users WHERE a = 'cut of", '... WHERE a = ?'],
  ['SELECT * FROM users WHERE a = $t$cut of $', '... WHERE a = ?'],
] as const

for (const [text, safe] of texts)
  test(`querySummaries() keeps no literal of: ${text}`, () => {
    expect(summarize(text).text).toBe(safe.replace('...', 'SELECT * FROM users'))
  })

test('querySummaries() keeps no part of a literal that begins far behind', () => {
  const { text } = summarize(`SELECT ${'a, '.repeat(1361)}'secret' FROM users`)
  expect(text.slice(-4)).toBe('a, ?')
})

test('querySummaries() keeps no more than 1000 statements, and a summary within 255 characters', () => {
  for (let n = 0; n < 5000; n++) summarize(`SELECT ${n} FROM t${n}`)
  expect(summarize(`SELECT * FROM ${'x'.repeat(1000)}`).summary).toHaveLength(255)
})
