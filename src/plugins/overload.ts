/** `caly/overload`: 503 at once for what could not be finished in time. */
export { type OverloadOptions, type OverloadReason, overload } from '../hooks/overload/index.ts'
