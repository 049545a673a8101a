/** The real writer, spool and trail over a database, as src/service/audit.ts puts them together. */
import { v7 as uuidv7 } from 'uuid'
import type { Database } from '../../../db/database.ts'
import { createKeyring } from '../../../db/keyring.ts'
import {
  type AuditEntry,
  type AuditTrail,
  type AuditWriter,
  auditRow,
  auditTrail,
  auditWriter,
  insertRedated,
  openSpool,
  rowMacs,
  type WriterObserver,
} from '../../../src/audit/index.ts'

/** Options of {@linkcode openTestTrail}. */
export interface TestTrailOptions {
  readonly client: Database['client']
  readonly folder: string
  /** The tenant of all its events. @default {trailClientId} */
  readonly clientId?: string
  /** Bytes of the spool. @default 64 MiB */
  readonly limit?: number
  readonly onFull?: 'refuse' | 'drop'
  /** Called before each statement, to have it fail. */
  readonly before?: () => Promise<void> | void
  readonly observer?: WriterObserver
}

/** A trail with its writer. */
export interface TestTrail {
  readonly trail: AuditTrail
  readonly writer: AuditWriter
}

/** A tenant. */
export const trailClientId = '01900000-0000-7000-8000-000000000001'

/** The keys that its rows are made with. */
export const trailKeyring = createKeyring(['00'.repeat(32)])

/** Opens a trail; its writer is not started. */
export function openTestTrail(options: TestTrailOptions): TestTrail {
  const { client, folder, limit = 2 ** 26, onFull = 'refuse', before, observer } = options
  const clientId = options.clientId ?? trailClientId
  const maker = { macs: rowMacs(trailKeyring), platformClientId: () => clientId }
  const writer = auditWriter({
    build: (entry, stamp) => auditRow(entry, stamp, maker),
    async insert(rows) {
      await before?.()
      await insertRedated(client, maker.macs, rows)
    },
    spool: openSpool({ folder, limit }),
    onFull,
    now: Date.now,
    stamp: () => ({ id: uuidv7(), at: Date.now() }),
    ...(observer && { observer }),
  })
  return { writer, trail: auditTrail({ now: Date.now, maker, recorder: writer.record }) }
}

/** A refusal, as a request leaves it; its request id tells which. */
export const entryOf = (name: string | number): AuditEntry => ({
  event: 'ACCESS_DENIED',
  origin: {
    actorType: 'anonymous',
    ip: '2001:db8::17',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36',
    requestId: `request-${name}`,
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    method: 'GET',
    path: '/api/calls/:id',
  },
  details: { reason: 'invalid_token' },
  statusCode: 401,
})
