/**
 * The one place where a row of the trail is made, whichever way it goes to the database. Relies on
 * `sealed-form.ts` for the bytes that its MAC and its seal speak for.
 */
import { randomBytes } from 'node:crypto'
import { redact, shownUserAgent } from '../redaction/index.ts'
import type { AuditEntry } from './entry.ts'
import {
  type AuditEventType,
  type AuditOutcome,
  type AuditSeverity,
  auditEvents,
} from './events.ts'
import type { RowMacs } from './row-mac.ts'
import { personalCommitment, personalSaltLength, sealedForm } from './sealed-form.ts'

/** A row of `audit_logs` as it is written: every column but `written_by`, which the database gives. */
export interface AuditRow {
  /** A UUIDv7: of rows with one id all are the same row. */
  readonly id: string
  readonly createdAt: Date
  readonly eventType: string
  readonly severity: AuditSeverity
  readonly outcome: AuditOutcome
  readonly clientId: string
  readonly actorType: string
  readonly actorId: string | null
  readonly ip: string | null
  readonly userAgent: string | null
  readonly requestId: string | null
  readonly traceId: string | null
  readonly method: string | null
  readonly path: string | null
  readonly statusCode: number | null
  readonly resourceType: string | null
  readonly resourceId: string | null
  /** Redacted plain JSON. `personal`, where present, is what an erasure takes out. */
  readonly details: Readonly<Record<string, unknown>>
  /** 16 random bytes. `null` in the table once the personal fields are erased. */
  readonly personalSalt: Uint8Array
  /** What stands for `ip`, `userAgent`, `actorId` and `details.personal` in the sealed form. */
  readonly personalCommitment: Uint8Array
  /** Over the sealed form: see `row-mac.ts`. */
  readonly mac: Uint8Array
}

/** What is fixed at the moment of an event, however much later its row is made. */
export interface EventStamp {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** What rows are made with. */
export interface RowMaker {
  readonly macs: RowMacs
  /** The platform's own client, which owns what no tenant does. */
  readonly platformClientId: () => string
}

/** Characters that an indexed column takes: PostgreSQL refuses a row for a longer key of an index. */
const columnLimit = 512

/** What details may hold: below what `audit_logs_bounds` lets in, however it is written as JSON. */
const detailLimits = { size: 8192, values: 200 }

/** Makes the row of an event: redacted, of bounded size, with its MAC. */
export function auditRow(entry: AuditEntry, { id, at }: EventStamp, maker: RowMaker): AuditRow {
  const { event, origin, resource, summary } = entry
  const { severity } = auditEvents[event]
  const details = storable(
    redact({ ...entry.details, ...summary }, detailLimits),
  ) as AuditRow['details']
  const salt = randomBytes(personalSaltLength)
  const fields = {
    id,
    createdAt: new Date(at),
    eventType: event,
    severity,
    outcome: outcomeOf(entry),
    clientId: origin.clientId ?? maker.platformClientId(),
    actorType: origin.actorType,
    actorId: column(origin.actorId),
    ip: column(origin.ip),
    userAgent: column(origin.userAgent && shownUserAgent(origin.userAgent)),
    requestId: column(origin.requestId),
    traceId: column(origin.traceId),
    method: column(origin.method),
    path: column(origin.path),
    statusCode: entry.statusCode ?? null,
    resourceType: column(resource?.type),
    resourceId: column(resource?.id),
    details,
  }
  const committed = { ...fields, personalCommitment: personalCommitment(salt, fields) }
  return { ...committed, personalSalt: salt, mac: maker.macs.make(sealedForm(committed)) }
}

function outcomeOf({ event, details }: AuditEntry): AuditOutcome {
  const { outcome, outcomeWhere }: Outcomes = auditEvents[event]
  if (outcomeWhere === undefined) return outcome
  const isSo = Object.entries(details).some(
    ([name, value]) => name === outcomeWhere.detail && value === true,
  )
  return isSo ? outcomeWhere.outcome : outcome
}

/** What a type says of outcomes, whatever its details are. */
type Outcomes = Pick<AuditEventType<Readonly<Record<string, unknown>>>, 'outcome' | 'outcomeWhere'>

const column = (text: string | undefined): string | null =>
  text === undefined ? null : storableText(text.slice(0, columnLimit))

/** PostgreSQL keeps no NUL and no half of a surrogate pair, in text or in JSON. */
const storableText = (text: string): string => text.replaceAll('\0', '\ufffd').toWellFormed()

function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value)
  // JSON has none of these: they would be read back as null.
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (Array.isArray(value)) return value.map((item) => storable(item) ?? null)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.map(([name, item]) => [storableText(name), storable(item)]))
}
