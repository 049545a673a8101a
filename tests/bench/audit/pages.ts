/**
 * How long a page of 50 events takes by each filter, out of many rows of a year, and beside it the same
 * statement on the same rows in a plain table with the same indexes.
 */
import type { Database } from '../../../db/database.ts'
import { type AuditFilters, selectionOf } from '../../../src/audit/reading/filters.ts'
import { type Position, pageStatement } from '../../../src/audit/reading/statement.ts'
import { openTestDatabase } from '../../support/database.ts'
import { fillYear, plainTable } from './fill.ts'
import type { BenchOptions } from './index.ts'

/** Pages of each filter that count, and before them some that do not. */
const pages = 500
const warmUp = 50

/** What filters are made of: a row that is there. */
interface Sample {
  readonly id: string
  readonly created_at: Date
  readonly client_id: string
  readonly event_type: string
  readonly severity: NonNullable<AuditFilters['severity']>
  readonly actor_id: string
  readonly request_id: string
  readonly resource_type: NonNullable<AuditFilters['resourceType']>
  readonly resource_id: string
}

const week = 7 * 86_400_000

const filters: Readonly<Record<string, (row: Sample) => AuditFilters>> = {
  none: () => ({}),
  eventType: (row) => ({ eventType: row.event_type }),
  'eventType, LOGIN_*': () => ({ eventType: 'LOGIN_*' }),
  severity: (row) => ({ severity: row.severity }),
  'severity, CRITICAL': () => ({ severity: 'CRITICAL' }),
  actorId: (row) => ({ actorId: row.actor_id }),
  resourceType: (row) => ({ resourceType: row.resource_type }),
  resourceId: (row) => ({ resourceId: row.resource_id }),
  'resourceType, resourceId': (row) => ({
    resourceType: row.resource_type,
    resourceId: row.resource_id,
  }),
  requestId: (row) => ({ requestId: row.request_id }),
  'from, to': ({ created_at: at }) => ({
    from: at.toISOString(),
    to: new Date(at.getTime() + week).toISOString(),
  }),
}

/** Runs it on a database of its own. */
export async function benchPages({ rows }: BenchOptions): Promise<readonly string[]> {
  const test = await openTestDatabase({ settings: { statementTimeout: 3_600_000 } })
  const { client } = test.database
  try {
    await fillYear(client, rows)
    await plainTable(client)
    const samples = await sample(client)
    const lines = []
    for (const [name, filtersOf] of Object.entries(filters)) {
      const ours = await measure(client, samples, filtersOf, 'audit_logs')
      const plain = await measure(client, samples, filtersOf, 'audit_plain')
      lines.push(`${name.padEnd(26)} ${shown(ours)}   plain table: ${shown(plain)}`)
    }
    return [
      `${rows} rows, ${pages} pages of 50 by each filter, every other one a later page`,
      ...lines,
    ]
  } finally {
    await test.close()
  }
}

async function sample(client: Database['client']): Promise<Sample[]> {
  const { rows } = await client.query(
    'select * from audit_logs tablesample system (0.2) order by random() limit 2000',
  )
  return rows as Sample[]
}

async function measure(
  client: Database['client'],
  samples: readonly Sample[],
  filtersOf: (row: Sample) => AuditFilters,
  table: string,
): Promise<number[]> {
  const times: number[] = []
  for (let page = -warmUp; page < pages; page += 1) {
    const row = samples[(page + warmUp) % samples.length]
    if (row === undefined) throw new Error('There are no rows to ask for')
    const after: Position | undefined =
      page % 2 === 0 ? undefined : { id: row.id, createdAt: row.created_at }
    const { text, values } = pageStatement({
      selection: selectionOf(row.client_id, filtersOf(row)),
      order: 'newest first',
      after,
      limit: 51,
    })
    const began = performance.now()
    await client.query({ text: text.replaceAll('audit_logs', table), values })
    if (page >= 0) times.push(performance.now() - began)
  }
  return times.sort((one, other) => one - other)
}

function shown(times: readonly number[]): string {
  const at = (share: number) =>
    (times[Math.ceil(times.length * share) - 1] ?? Number.NaN).toFixed(2)
  return `p50 ${at(0.5).padStart(6)} ms, p99 ${at(0.99).padStart(7)} ms`
}
