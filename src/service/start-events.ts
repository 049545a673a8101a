import type { Database } from '#db/database.ts'
import type { MigrationResult } from '#db/migrate.ts'
import type { AuditEntry } from '../audit/index.ts'
import type { SettingPrints } from './settings.ts'

/** What {@linkcode startEvents} needs. */
export interface StartParts {
  readonly database: Database
  readonly version: string
  readonly prints: SettingPrints
  /** What was made in the database before there was a trail to tell of it. */
  readonly migrated: MigrationResult
  readonly platformClientId: string
}

const origin = { actorType: 'system' } as const

/**
 * What a start tells the trail: its version, new tables, and settings unlike the last ones. To be
 * asked for before the service listens: once it is ready, nothing may hold up its answer to a signal.
 */
export async function startEvents(parts: StartParts): Promise<readonly AuditEntry[]> {
  const { version, prints, migrated } = parts
  const { applied, months } = migrated
  const earlier = await lastPrints(parts)
  const changed = earlier === undefined ? [] : prints.changedSince(earlier)
  const events: AuditEntry[] = [
    { event: 'SERVICE_STARTED', origin, details: { version, config: prints.text } },
  ]
  if (applied > 0)
    events.push({ event: 'DATABASE_MIGRATED', origin, details: { migrations: applied } })
  if (months > 0)
    events.push({ event: 'DATA_CREATED', origin, details: { of: 'audit_months', count: months } })
  if (changed.length > 0)
    events.push({ event: 'CONFIG_CHANGED', origin, details: { settings: changed } })
  return events
}

/** The fingerprints of the last start, on whichever replica. */
async function lastPrints({ database, platformClientId }: StartParts): Promise<string | undefined> {
  const { rows } = await database.client.query({
    text: `select details ->> 'config' as config from audit_logs
      where client_id = $1 and event_type = 'SERVICE_STARTED'
      order by created_at desc limit 1`,
    values: [platformClientId],
  })
  const [row] = rows as readonly { readonly config: string | null }[]
  return row?.config ?? undefined
}
