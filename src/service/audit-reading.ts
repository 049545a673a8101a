import type { Database } from '#db/database.ts'
import type { Keyring } from '#db/keyring.ts'
import {
  type AuditTrail,
  auditReader,
  rowMacs,
  sealKeys,
  verifications,
  verifyTrail,
} from '../audit/index.ts'
import type { AuditService } from '../audit-api/index.ts'

/** What reading the trail takes. */
export interface AuditReadingParts {
  readonly database: Database
  readonly keyring: Keyring
  readonly trail: AuditTrail
}

/** Milliseconds after which a check that somebody asked for is given up. */
const longestCheck = 600_000

/** The trail as its readers ask it. A check ends with the process, whoever waits for it. */
export async function openAuditReading(
  { database, keyring, trail }: AuditReadingParts,
  stopped: AbortSignal,
): Promise<AuditService> {
  const { client } = database
  const { publicKeys } = await sealKeys(keyring)
  const macs = rowMacs(keyring)
  const verify = () => {
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(longestCheck)])
    return verifyTrail({ client, macs, publicKeys, signal })
  }
  return {
    trail,
    reader: auditReader(client),
    verifications: verifications({ verify, now: Date.now }),
    sealKeys: publicKeys,
  }
}
