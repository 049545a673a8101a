import { csvLine } from './csv.ts'
import type { AuditEvent } from './schemas.ts'

/** How an export is written. */
export type ExportFormat = 'ndjson' | 'csv'

/** The media type of each format, and the end of its file's name. */
export const exportFormats = {
  ndjson: { mediaType: 'application/x-ndjson', extension: 'ndjson' },
  csv: { mediaType: 'text/csv; charset=utf-8; header=present', extension: 'csv' },
} as const satisfies Record<ExportFormat, { mediaType: string; extension: string }>

const columns = [
  'id',
  'createdAt',
  'eventType',
  'severity',
  'outcome',
  'actorType',
  'actorId',
  'ip',
  'userAgent',
  'requestId',
  'traceId',
  'method',
  'path',
  'statusCode',
  'resourceType',
  'resourceId',
] as const satisfies readonly (keyof AuditEvent)[]

const heads = { ndjson: '', csv: `${[...columns, 'details'].join(',')}\r\n` }

/** A page as text, without the head of a table. */
function pageText(format: ExportFormat, events: readonly AuditEvent[]): string {
  const line =
    format === 'ndjson'
      ? (event: AuditEvent) => `${JSON.stringify(event)}\n`
      : (event: AuditEvent) =>
          csvLine([...columns.map((column) => event[column]), JSON.stringify(event.details)])
  return events.map(line).join('')
}

/** Options of {@linkcode exportStream}. */
export interface ExportOptions {
  /** Aborts when nobody waits any more: also where the stream was never read, nor cancelled. */
  readonly signal?: AbortSignal
  /** Told once, however it ends. */
  readonly onEnd?: () => void
}

/**
 * Writes pages as one stream, a page each time that whoever reads has taken the one before: its
 * memory is that of a page. When the reader leaves, no further page is read.
 */
export function exportStream(
  format: ExportFormat,
  pages: AsyncGenerator<readonly AuditEvent[], undefined>,
  { signal, onEnd = () => {} }: ExportOptions = {},
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let begun = false
  let ended = false
  const end = () => {
    if (!ended) onEnd()
    ended = true
  }
  signal?.addEventListener('abort', end, { once: true })
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          signal?.throwIfAborted()
          const { done, value = [] } = await pages.next()
          const text = `${begun ? '' : heads[format]}${pageText(format, value)}`
          begun = true
          // Of nothing there is no chunk: an empty one would end an HTTP message.
          if (text !== '') controller.enqueue(encoder.encode(text))
          if (done !== true) return
          end()
          controller.close()
        } catch (error) {
          end()
          // The connection is cut: whoever reads sees that something is missing.
          controller.error(error)
        }
      },
      async cancel() {
        end()
        await pages.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
}
