export { type LogFields, withLogContext } from './context.ts'
export { escapeText } from './escape.ts'
export { createLog, KnownFields, type Log, type Logger, type LogOptions } from './logger.ts'
