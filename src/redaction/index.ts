export { type Plain, type PlainObject, type RedactOptions, redact } from './redact.ts'
export { redactText } from './text.ts'
export { holdsToken } from './tokens.ts'
export { shownUserAgent } from './user-agent.ts'
