/** Whether the audit trail says what happened, and nobody can make it say something else. */
import { randomUUID } from 'node:crypto'
import {
  type auditEvents,
  inspectTrail,
  rowMacs,
  sealKeys,
  sealLag,
  verifyTrail,
} from '../../audit/index.ts'
import { check, looked } from '../check.ts'
import { field } from '../http.ts'
import { judged } from '../observe.ts'
import { metricsOf } from './metrics.ts'

/** Seconds within which a row is sealed where all is well, with room for a busy minute. */
const mostLag = 120

/** Days for which incidents are looked back at, at the least. */
const leastDays = 90

/** Audit trail. */
export const auditChecks = [
  check({
    id: 'audit.append-only',
    title: 'The database itself refuses to change or remove a row of the trail',
    why: 'Whoever got into the service could take away what shows it',
    fix: 'alter table … enable trigger append_only on the tables that are named, as their owner; then caly audit verify',
    ...{ api: [8], asvs: ['V16.4.2'], needs: ['database'] },
    async run({ database }) {
      const { rows } = await database.client.query(`
        select c.relname as name,
          coalesce(bool_or(t.tgenabled in ('O', 'A') and t.tgname = 'append_only'), false) as kept
        from pg_class c left join pg_trigger t on t.tgrelid = c.oid
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
          and (c.relname ~ '^audit_logs(_\\d{4}_\\d\\d)?$' or c.relname = 'audit_seals')
        group by c.relname order by kept, c.relname`)
      return (rows as readonly { readonly name: string; readonly kept: boolean }[]).map(
        ({ name, kept }) =>
          looked(`the table ${name}`, kept ? 'refuses changes' : 'takes changes', kept),
      )
    },
  }),
  check({
    id: 'audit.role',
    title: 'The service’s own role could not take that refusal away',
    why: 'An owner of a table can drop its triggers: what the service may do, whoever got into it may do',
    fix: 'Run migrations as another role: DATABASE_OWNER_URL, see docs/audit-writing.md',
    ...{ api: [8], asvs: ['V13.2.2', 'V16.4.2'], needs: ['server'] },
    async run({ server }) {
      const { alterable } = await inspectTrail(server.client)
      return [looked('rights on audit_logs', alterable ? 'UPDATE' : 'no UPDATE', !alterable)]
    },
  }),
  check({
    id: 'audit.next-month',
    title: 'The coming month has its part of the trail already',
    why: 'Without it the first event of the month fails, and with AUDIT_ON_FULL=refuse every request with it',
    fix: 'Let the service run, whose job audit.upkeep makes it, or run caly migrate',
    ...{ api: [8], asvs: ['V16.5.3'], needs: ['database'] },
    async run({ database }) {
      const { nextMonth } = await inspectTrail(database.client)
      return [
        looked('the partition of the coming month', nextMonth ? 'there' : 'missing', nextMonth),
      ]
    },
  }),
  check({
    id: 'audit.sealed',
    title: `No row waits for its seal for longer than ${mostLag} seconds`,
    why: 'What is not sealed can be removed without a trace',
    fix: 'Look at auditSeals in /health/detailed: it names what holds sealing up',
    ...{ api: [8], asvs: ['V16.4.2'], needs: ['database'] },
    async run({ database }) {
      const lag = await database.db.transaction(sealLag, { accessMode: 'read only' })
      return [looked('the oldest row without a seal', `${Math.round(lag)} s old`, lag <= mostLag)]
    },
  }),
  check({
    id: 'audit.intact',
    title: 'Every row and every seal is as Caly wrote it',
    why: 'A trail that was changed proves nothing, or the opposite',
    fix: 'caly audit verify names what is not; docs/audit.md says what each finding means',
    ...{ api: [8], asvs: ['V16.4.2'], needs: ['database', 'keyring'], intrusive: true },
    limit: 120_000,
    async run({ database, keyring }) {
      const { publicKeys } = await sealKeys(keyring)
      const macs = rowMacs(keyring)
      const { intact, rows, seals, findings } = await verifyTrail({
        ...{ client: database.client, macs, publicKeys },
      })
      const found = intact ? 'nothing wrong' : (findings[0]?.kind ?? 'something wrong')
      return [looked(`${rows} rows and ${seals} seals`, found, intact)]
    },
  }),
  check({
    id: 'audit.anchor',
    title: 'The head of the trail is kept outside of the database',
    why: 'Whoever administers the database can cut off the end of the trail together with its seals, and only what is kept elsewhere tells',
    fix: 'Set AUDIT_ANCHOR to a file or an address that whoever administers the database cannot write to',
    ...{ api: [8], asvs: ['V16.4.3'], needs: ['config'] },
    run: ({ config: { audit } }) => [
      looked(
        'AUDIT_ANCHOR',
        audit.anchor === undefined ? 'none' : 'set',
        audit.anchor !== undefined,
      ),
    ],
  }),
  check({
    id: 'audit.on-full',
    title: 'No request is served whose event cannot be kept',
    why: 'Whoever fills the disk could act unseen',
    fix: 'Set AUDIT_ON_FULL=refuse, or leave it out',
    ...{ api: [8], asvs: ['V16.5.3'], needs: ['config'] },
    run: ({ config: { audit } }) => [
      looked('AUDIT_ON_FULL', audit.onFull, audit.onFull === 'refuse'),
    ],
  }),
  check({
    id: 'audit.retention',
    title: `Events are kept for ${leastDays} days at least`,
    why: 'Most break-ins are found months later',
    fix: `Set AUDIT_RETENTION_DAYS to ${leastDays} or more, or leave it out`,
    ...{ api: [8], asvs: ['V14.2.7'], needs: ['config'] },
    run: ({ config: { audit } }) => [
      looked('AUDIT_RETENTION_DAYS', audit.retentionDays, audit.retentionDays >= leastDays),
    ],
  }),
  check({
    id: 'audit.written',
    title: 'What a client does stands in the trail under the request id that it was told',
    why: 'Nobody could say who did what, or match a complaint with what happened',
    fix: 'Look at audit in /health/detailed, and let no proxy change X-Request-Id',
    ...{ api: [8], asvs: ['V16.2.1', 'V16.3.3'], needs: ['database', 'guests'], intrusive: true },
    async run({ target, database, guests: { one } }) {
      const answer = await target.ask({
        ...{ method: 'POST', path: '/api/keys', credential: one.key },
        headers: {
          'content-type': 'application/json',
          'x-request-id': `readiness-${randomUUID()}`,
        },
        body: JSON.stringify({ name: 'caly readiness', scopes: ['calls:read'] }),
      })
      const { rows } = await database.client.query(
        'select event_type from audit_logs where client_id = $1 and request_id = $2',
        [one.clientId, field(answer, 'x-request-id') ?? ''],
      )
      const event = 'API_KEY_GENERATED' satisfies keyof typeof auditEvents
      const types = (rows as readonly { readonly event_type: string }[]).map(
        (row) => row.event_type,
      )
      return [
        judged(answer, answer.status === 201),
        looked('its rows in the trail', types.join() || 'none', types.includes(event)),
      ]
    },
  }),
  check({
    id: 'audit.no-losses',
    title: 'No event was lost since the service runs',
    why: 'What is lost is what happened while something was wrong',
    fix: 'Give the database and CALY_DATA_DIR room; the log has when it began',
    ...{ api: [8], asvs: ['V16.3.4'], needs: ['metricsToken'] },
    async run({ target, metricsToken }) {
      const metrics = await metricsOf(target, metricsToken)
      return [metrics.sum('caly_audit_lost_events_total', (lost) => lost === 0)]
    },
  }),
] as const
