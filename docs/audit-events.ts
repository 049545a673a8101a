/**
 * Writes docs/audit-events.md: what the audit trail can say. `bun run docs:audit-events`. All of it
 * comes from the catalogue, src/audit/events.ts; a test holds the page against it.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { type AuditEventType, auditEventGroups } from '../src/audit/events.ts'
import { table } from './table.ts'

const file = new URL('audit-events.md', import.meta.url)

/** The page that is kept in the repository. */
export const keptAuditPage = (): Promise<string> => readFile(file, 'utf8')

const titles: Readonly<Record<keyof typeof auditEventGroups, string>> = {
  access: 'Who comes in',
  data: 'What becomes of the data',
  scans: 'Vulnerabilities',
  service: 'The service and the trail itself',
}

/** What is shown of a type, whatever its details are. */
interface Shown extends Omit<AuditEventType<Readonly<Record<string, unknown>>>, 'details'> {
  readonly details: { toJsonSchema(): object }
}

/** The page for the catalogue as it is. */
export function auditPage(): string {
  const groups = Object.entries(auditEventGroups).flatMap(([name, events]) => [
    `## ${titles[name as keyof typeof titles]}`,
    table(
      ['event', 'severity', 'outcome', 'waits', 'about', 'details', 'says'],
      Object.entries<Shown>(events).map(([event, type]) => [
        `\`${event}\``,
        type.severity,
        outcomesOf(type),
        type.waits ? 'yes' : 'no',
        type.resource ?? '',
        fieldsOf(type),
        type.tells,
      ]),
    ),
  ])
  return `${[
    '# Audit events',
    '<!-- Written by `bun run docs:audit-events` from src/audit/events.ts. -->',
    'Every row of the trail is of one of these types. Beside the details each has who (`actorType`, `actorId`, `ip`, `userAgent`), where (`requestId`, `traceId`, `method`, `path` as the template of the route, `statusCode`) and about what (`resourceType`, `resourceId`), as far as there is such a thing. Lists of the API and the three queries of operators find them by `eventType`, or by the beginning of one: `LOGIN_*`.',
    '**Waits**: yes, and the answer is given once the event is in the database, or on disk in the spool; changes ride in the transaction of what they change. No, and nobody waits: a process that is killed loses those that are in no finished statement: its last milliseconds, about a second where the database hangs. These are reads, and refusals that cost a stranger nothing, which a flood must not make dear.',
    'What one source can cause as often as it likes (refusals, wrong secrets, requests that are not valid, limits, attacks, visits of scrapers) is summed up: the first of a source and kind has a row at once, and a minute later one row says in `suppressed`, `from` and `to` how many followed. A scan has at most 50 rows of its own for what it found, and 50 for what is gone: the worst; of the rest the last of each type says for how many it stands. Operators who come with `METRICS_TOKEN` are nobody in particular and leave no event; the request log has them.',
    ...groups,
  ].join('\n\n')}\n`
}

/** How it ended, and how where a row's own details say so. */
const outcomesOf = ({ outcome, outcomeWhere: where }: Shown): string =>
  where === undefined ? outcome : `${outcome}; ${where.outcome} where \`${where.detail}\``

/** The fields of an event's details, with what each can be. */
function fieldsOf({ details }: Shown): string {
  const schema = details.toJsonSchema() as Schema
  return Object.entries(schema.properties ?? {})
    .map(([name, field]) => {
      const optional = schema.required?.includes(name) === true ? '' : '?'
      return `\`${name}${optional}\`: ${kindOf(field)}`
    })
    .join('; ')
}

interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

function kindOf({ type, enum: words, const: word, anyOf, items }: Schema): string {
  if (items !== undefined) return `list of ${kindOf(items)}`
  if (anyOf !== undefined) return anyOf.map(kindOf).join(', ')
  return words?.join(', ') ?? String(word ?? type)
}

if (import.meta.main) await writeFile(file, auditPage())
