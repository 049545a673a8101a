import { expect, test } from 'bun:test'
import { querySummaries } from '../../telemetry/query-summary.ts'

const summaries = [
  ['select "id", "name" from "clients" where "id" = $1', 'SELECT clients'],
  ['SELECT\n  1', 'SELECT'],
  ['insert into "audit_logs" ("id") values ($1)', 'INSERT audit_logs'],
  ['update only calls set a = $1', 'UPDATE calls'],
  ['delete from "pgboss"."job" where true', 'DELETE pgboss.job'],
  ['/* a comment */ -- another\nSELECT * FROM users', 'SELECT users'],
  ['with gone as (delete from "calls" returning *) select * from gone', 'SELECT calls'],
  ['WITH next AS (SELECT id FROM job) UPDATE "pgboss".job SET a = 1', 'UPDATE pgboss.job'],
  ['begin isolation level serializable', 'BEGIN'],
  ["SELECT pg_notify('calls', 'from secret')", 'SELECT'],
  ['', 'SQL'],
] as const

const summarize = querySummaries()

for (const [text, summary] of summaries)
  test(`querySummaries() says ${summary} of: ${text.replaceAll('\n', ' ')}`, () => {
    expect(summarize(text).summary).toBe(summary)
  })

test('querySummaries() puts ? for text literals, which could be values', () => {
  const { text } = summarize("SELECT * FROM users WHERE name = 'O''Hara' AND a = $1")
  expect(text).toBe('SELECT * FROM users WHERE name = ? AND a = $1')
})

test('querySummaries() keeps no more than 1000 statements, and a summary within 255 characters', () => {
  for (let n = 0; n < 5000; n++) summarize(`SELECT ${n} FROM t${n}`)
  expect(summarize(`SELECT * FROM ${'x'.repeat(1000)}`).summary).toHaveLength(255)
})
