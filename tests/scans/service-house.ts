/** The scans of a service: database, jobs, and whatever a test has a scan find. */
import { randomBytes } from 'node:crypto'
import { type Jobs, openJobs } from '../../db/jobs.ts'
import { createKeyring } from '../../db/keyring.ts'
import { clients } from '../../db/schema/index.ts'
import { directTrail } from '../../src/audit/index.ts'
import {
  type FinishedScan,
  registerScanJobs,
  type ScanService,
  scanService,
} from '../../src/scans/index.ts'
import type { Finding, ScanReport, Severity } from '../../src/scans/model.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/process.ts'

/** What a scan does: it gives a report, throws, or takes its time. */
export type Scan = (signal: AbortSignal) => Promise<ScanReport>

/** A running service's scans. */
export type ScanHouse = Awaited<ReturnType<typeof openScanHouse>>

/** What a test may want otherwise. */
export interface ScanHouseOptions {
  /** A second replica: the first one's database. */
  readonly beside?: { readonly test: TestDatabase; readonly clientId: string }
  /** Milliseconds that a scan may take. */
  readonly timeLimit?: number
  /** A cron line. @default none */
  readonly schedule?: string
}

export async function openScanHouse({ beside, timeLimit, schedule }: ScanHouseOptions = {}) {
  const test: TestDatabase = beside?.test ?? (await openTestDatabase())
  const { database } = test
  const clientId = beside?.clientId ?? (await newPlatform(test))
  const keyring = createKeyring([randomBytes(32).toString('hex')])
  const audit = directTrail({ client: database.client, keyring, platformClientId: () => clientId })
  const errors: unknown[] = []
  const ended: FinishedScan[] = []
  const notes: string[] = []
  const jobs: Jobs = await openJobs({ database, onError: (error) => void errors.push(error) })
  let scan: Scan = async () => report([])
  let shift = 0
  const service: ScanService = scanService({
    ...{ database, jobs, audit },
    scan: (signal) => scan(signal),
    platformClientId: async () => clientId,
    ...(timeLimit !== undefined && { timeLimit }),
    now: () => Date.now() + shift,
    onFinished(finished, told) {
      ended.push(finished)
      notes.push(...told)
    },
  })
  await registerScanJobs({ service, schedule, retentionDays: 30 })
  const rows = async (text: string, values: readonly unknown[] = []) =>
    (await database.client.query(text, values)).rows as Record<string, unknown>[]
  const get = (id: string) => service.get(clientId, id)
  const finished = (id: string, limit = 10_000) =>
    eventually(
      () => get(id),
      ({ status }) => status !== 'running',
      limit,
    )

  return {
    ...{ test, clientId, service, jobs, errors, ended, notes, rows, finished },

    /** What scans do from now on. */
    scans(next: Scan) {
      scan = next
    },

    /** Puts the clock ahead. @param milliseconds of now */
    ahead(milliseconds: number) {
      shift = milliseconds
    },

    start: () => service.start(clientId),

    /** Runs a scan that finds what it is told, to its end. */
    async run(findings: readonly Finding[], more: Partial<ScanReport> = {}) {
      scan = async () => report(findings, more)
      return await finished((await service.start(clientId)).id)
    },

    list: async (status: 'open' | 'fixed' | 'ignored' | 'all' = 'open') =>
      (await service.vulnerabilities(clientId, { limit: 100, status })).items,

    /** Types and details of the trail's events, in their order. */
    events: (like: string) =>
      rows(
        `select event_type, severity, resource_id, details from audit_logs
         where event_type like $1 order by id`,
        [like],
      ),

    /** Stops the process's part; the database closes with the first house. */
    async close() {
      await jobs.stop(2000)
      if (beside === undefined) await test.close()
    },
  }
}

async function newPlatform({ database }: TestDatabase): Promise<string> {
  const platform = { name: 'platform', isPlatform: true }
  const [row] = await database.db.insert(clients).values(platform).returning()
  if (row === undefined) throw new Error('The client was not made')
  return row.id
}

/** What a scan says that found these. */
export function report(findings: readonly Finding[], more: Partial<ScanReport> = {}): ScanReport {
  const now = new Date().toISOString()
  return {
    status: 'complete',
    project: { format: 'bun.lock', file: 'bun.lock' },
    packages: 400,
    withheld: 0,
    findings,
    outdated: [],
    problems: [],
    notes: [],
    startedAt: now,
    finishedAt: now,
    ...more,
  }
}

/** What a finding may have otherwise. */
interface FindingOptions {
  readonly package?: string
  readonly version?: string
  readonly severity?: Severity
  readonly aliases?: readonly string[]
  readonly more?: Partial<Finding>
}

/** A finding by the id of its advisory. */
export function finding(id: string, options: FindingOptions = {}): Finding {
  const { package: name = 'lodash', version = '4.17.20', severity = 'high', aliases = [] } = options
  return {
    package: { ecosystem: 'npm', name, version },
    advisory: {
      ...{ id, aliases, severity, ecosystem: 'npm', package: name, title: `${id} in ${name}` },
      url: `https://github.com/advisories/${id}`,
      cvss: undefined,
      ranges: [{ introduced: '0', fixed: '4.17.21' }],
      versions: [],
      withdrawn: undefined,
      sources: ['npm'],
    },
    paths: [[`${name}@${version}`]],
    pathCount: 1,
    development: false,
    fixedIn: '4.17.21',
    remedy: undefined,
    ignored: undefined,
    ...options.more,
  }
}
