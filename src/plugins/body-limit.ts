/** `caly/body-limit`: bounded bodies, read strictly. */
import { type BodyLimitOptions, bodyLimit as hook } from '../hooks/body-limit/index.ts'
import { everywhere } from '../hooks/everywhere.ts'

export { type BodyLimitOptions, readBody } from '../hooks/body-limit/index.ts'

/** Bounds request bodies, and reads them strictly, on routes before and after it. */
export const bodyLimit = (options: BodyLimitOptions = {}) => everywhere(hook(options))
