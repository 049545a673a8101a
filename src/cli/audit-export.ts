import process from 'node:process'
import { pipeline } from 'node:stream/promises'
import { type } from 'arktype'
import {
  type AuditSelection,
  auditFilters,
  auditReader,
  directTrail,
  type ExportFormat,
  exportFormats,
  exportStream,
  selectionOf,
} from '../audit/index.ts'
import { compiledWhenHot } from '../compiled-when-hot.ts'
import { platformOf, withTrail } from './audit-trail.ts'
import { type Command, clientIdOf, required, type Values } from './command.ts'
import { demandClient, shell } from './shell.ts'
import { UsageError } from './usage-error.ts'

/** Options that narrow an export, and the filters of the API that they are. */
const filters = {
  'event-type': 'eventType',
  severity: 'severity',
  actor: 'actorId',
  'resource-type': 'resourceType',
  'resource-id': 'resourceId',
  request: 'requestId',
  from: 'from',
  to: 'to',
} as const

const text = { type: 'string' } as const

/** `caly audit export` */
export const exportCommand: Command = {
  usage: '--client ID [--subject ID] [--format ndjson|csv] [FILTER …] > FILE',
  help: () =>
    [
      '  --subject ID   what the user with this id did, and what was done to them: for a person who',
      '                 wants to know what is kept about them',
      '  --format       ndjson (lines of JSON, the default) or csv; in csv a text that a spreadsheet',
      '                 would run begins with an apostrophe',
      `Filters: ${Object.keys(filters)
        .map((name) => `--${name}`)
        .join(', ')}, as GET /api/audit has them.`,
      'The export is an event itself. Exit code 1: there is no such client, or it was cut off.',
    ].join('\n'),
  options: {
    client: text,
    subject: text,
    format: text,
    'event-type': text,
    severity: text,
    actor: text,
    'resource-type': text,
    'resource-id': text,
    request: text,
    from: text,
    to: text,
  },
  async run(values) {
    const format = formatOf(values)
    const selection = wanted(values)
    return await withTrail(async ({ database: { client, db }, keyring }) => {
      await demandClient({ db }, selection.clientId)
      const trail = directTrail({ client, keyring, platformClientId: await platformOf(db) })
      const names = Object.keys(selection).filter((name) => name !== 'clientId')
      await trail.record({
        event: 'DATA_EXPORTED',
        origin: { ...shell, clientId: selection.clientId },
        details: { of: 'audit_logs', format, filters: names },
      })
      return await written(exportStream(format, auditReader(client).pages(selection)))
    })
  },
}

function formatOf(values: Values): ExportFormat {
  const format = values['format'] ?? 'ndjson'
  if (format === 'ndjson' || format === 'csv') return format
  throw new UsageError(`--format must be ${Object.keys(exportFormats).join(' or ')}`)
}

const readFilters = compiledWhenHot(auditFilters)

function wanted(values: Values): AuditSelection {
  const clientId = clientIdOf(values)
  const given = Object.entries(filters)
    .filter(([option]) => values[option] !== undefined)
    .map(([option, name]) => [name, required(values, option)])
  const narrowed = readFilters(Object.fromEntries(given))
  if (narrowed instanceof type.errors) {
    const [fault] = narrowed
    const [option] = Object.entries(filters).find(([, name]) => name === fault?.path[0]) ?? []
    throw new UsageError(`--${option} must be ${fault?.expected}`)
  }
  const selection = selectionOf(clientId, narrowed)
  if (values['subject'] === undefined) return selection
  return { ...selection, subjectId: required(values, 'subject') }
}

/** As fast as the other end takes it. @returns the exit code */
async function written(stream: ReadableStream<Uint8Array>): Promise<number> {
  try {
    await pipeline(stream, process.stdout, { end: false })
    return 0
  } catch (error) {
    // Whoever reads may have had enough: head does.
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return 1
    throw error
  }
}
