export { type LogFields, withLogContext } from './context.ts'
export { escapeText } from './escape.ts'
export { KnownFields, quoted } from './known-fields.ts'
export { createLog, type Log, type Logger, type LogOptions } from './logger.ts'
