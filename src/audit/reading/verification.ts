import type { VerifyReport } from '../verify/verify.ts'
import type { AuditVerification } from './schemas.ts'

/** Checks the seals for whoever asks. */
export interface Verifications {
  /**
   * The newest result, at most a minute old. Of those who ask meanwhile all wait for one check: it
   * reads the whole trail, on a connection of its own.
   */
  latest(): Promise<Verified>
}

/** What a check found, and when it was done. */
export interface Verified {
  readonly report: VerifyReport
  readonly checkedAt: Date
}

/** What {@linkcode verifications} needs. */
export interface VerificationsOptions {
  readonly verify: () => Promise<VerifyReport>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds of a clock that never goes back. @default performance.now */
  readonly monotonic?: () => number
}

/** Milliseconds for which a result is told again. A check of 10 million rows takes about as long. */
const freshFor = 60_000

/** Findings that are told; all are counted. */
const shownFindings = 100

/** Makes the one place of a process where the trail is checked. */
export function verifications(options: VerificationsOptions): Verifications {
  const { verify, now, monotonic = () => performance.now() } = options
  let current: Promise<Verified> | undefined
  let doneAt = Number.POSITIVE_INFINITY

  async function check(): Promise<Verified> {
    doneAt = Number.POSITIVE_INFINITY
    const report = await verify()
    doneAt = monotonic()
    return { report, checkedAt: new Date(now()) }
  }

  return {
    latest() {
      if (current !== undefined && monotonic() - doneAt < freshFor) return current
      const started = check()
      current = started
      // A failure is told to those who wait for it, and to nobody later.
      started.catch(() => {
        if (current === started) current = undefined
      })
      return started
    },
  }
}

/**
 * A result as the API shows it. The trail is one for all clients: how many rows there are, and which
 * are not as they were, only the platform's own are told.
 */
export function verificationView(
  { report, checkedAt }: Verified,
  keys: ReadonlyMap<string, Uint8Array>,
  isPlatform: boolean,
): AuditVerification {
  const { intact, head, findings, findingCount, seals, rows, unsealed, erased, dropped } = report
  return {
    intact,
    checkedAt: checkedAt.toISOString(),
    head:
      head === undefined
        ? null
        : {
            position: head.position,
            hash: head.hash,
            keyId: head.keyId,
            createdAt: head.createdAt.toISOString(),
          },
    keys: [...keys].map(([keyId, key]) => ({
      keyId,
      publicKey: Buffer.from(key).toString('base64url'),
    })),
    platform: isPlatform
      ? {
          rows,
          unsealed,
          erased,
          seals,
          droppedMonths: [...dropped],
          findingCount,
          findings: findings.slice(0, shownFindings).map((finding) => ({
            kind: finding.kind,
            text: finding.text,
            rowId: finding.rowId ?? null,
            position: finding.position ?? null,
          })),
        }
      : null,
  }
}
