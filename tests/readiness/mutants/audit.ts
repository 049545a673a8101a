import { sealLag } from '../../../src/audit/index.ts'
import { eventually } from '../../support/process.ts'
import { changedHeader } from '../broken-proxy.ts'
import { configured, inDatabase, type Mutant, proxied } from '../mutant.ts'
import { withFigure } from './telemetry.ts'

/** A month's part of the trail, `audit_logs_2026_12`, so many months from now. */
function partition(months: number): string {
  const now = new Date()
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1))
  return `audit_logs_${month.toISOString().slice(0, 7).replace('-', '_')}`
}

/** The first row of the trail, by what nobody changes here. */
const first = 'id = (select id from audit_logs order by id limit 1)'

/** What becomes of the trail. */
export const auditMutants: readonly Mutant[] = [
  inDatabase(
    'a trigger that is off on the seals',
    ['audit.append-only'],
    'alter table audit_seals disable trigger append_only',
    'alter table audit_seals enable trigger append_only',
  ),
  inDatabase(
    'a trigger that is off on one month of the trail',
    ['audit.append-only'],
    `alter table ${partition(0)} disable trigger append_only`,
    `alter table ${partition(0)} enable trigger append_only`,
  ),
  {
    ...inDatabase(
      'a service that may change the trail',
      ['audit.role'],
      ({ role }) => `grant update on audit_logs to ${role}`,
      ({ role }) => `revoke update on audit_logs from ${role}`,
    ),
    onServer: true,
  },
  inDatabase(
    'a coming month that nobody has made',
    ['audit.next-month'],
    `alter table ${partition(1)} rename to audit_logs_elsewhere`,
    `alter table audit_logs_elsewhere rename to ${partition(1)}`,
  ),
  {
    what: 'a row that is kept from being sealed',
    reds: ['audit.sealed', 'audit.intact'],
    changes: ['database', 'server'],
    async stage({ asOwner, database }) {
      await asOwner(
        `update audit_logs set written_by = '9000000000000000000', request_id = written_by::text,
           created_at = created_at - interval '10 minutes' where ${first}`,
      )
      // Until those before it are sealed, it is not the one that waits.
      await eventually(
        () => database.db.transaction(sealLag),
        (lag) => lag > 300,
      )
      return {
        context: {},
        undo: () =>
          asOwner(
            `update audit_logs set written_by = request_id::xid8, request_id = null,
               created_at = created_at + interval '10 minutes' where ${first}`,
          ),
      }
    },
  },
  inDatabase(
    'a row that was changed past the triggers',
    ['audit.intact'],
    `update audit_logs set event_type = 'X' || event_type where ${first}`,
    `update audit_logs set event_type = substr(event_type, 2) where ${first}`,
  ),
  configured('an AUDIT_ANCHOR that is left out', ['audit.anchor'], { AUDIT_ANCHOR: '' }),
  configured('AUDIT_ON_FULL=drop', ['audit.on-full'], { AUDIT_ON_FULL: 'drop' }),
  configured('an AUDIT_RETENTION_DAYS of a week', ['audit.retention'], {
    AUDIT_RETENTION_DAYS: '7',
  }),
  proxied(
    'a proxy that names every request itself',
    ['audit.written'],
    changedHeader('x-request-id', 'named-by-the-proxy'),
  ),
  withFigure(
    'a service that lost events',
    'audit.no-losses',
    /^(caly_audit_lost_events_total\S* )0$/m,
  ),
]
