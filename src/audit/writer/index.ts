export type { Gap } from './gap.ts'
export type { WriterObserver } from './observer.ts'
export {
  type AuditWriter,
  type AuditWriterOptions,
  auditWriter,
  type WriterStatus,
} from './writer.ts'
