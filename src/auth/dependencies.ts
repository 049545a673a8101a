import type { Drizzle } from '#db/database.ts'
import type { AuditTrail } from '../audit/index.ts'
import type { OnAuthChange } from './changes.ts'
import type { PasswordHasher } from './passwords/index.ts'

/** What the parts of this folder share; the service and the `caly` commands hand it in. */
export interface AuthDependencies {
  readonly db: Drizzle
  readonly audit: AuditTrail
  readonly hasher: PasswordHasher
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Hears of changes after their commit, so that caches forget. */
  readonly onChange: OnAuthChange
}
