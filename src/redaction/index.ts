export { type Plain, type PlainObject, type RedactOptions, redact } from './redact.ts'
export { redactText } from './text.ts'
export { shownUserAgent } from './user-agent.ts'
