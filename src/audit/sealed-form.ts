/**
 * The bytes of an audit row that its MAC and its seal speak for. docs/audit.md describes them for
 * other implementations: a change here is a new version there.
 *
 * | bytes | what |
 * |---|---|
 * | 1 | the version, 1 |
 * | 16 | `id` |
 * | 8 | `created_at`, milliseconds since 1970, big-endian |
 * | 16 | `client_id` |
 * | 32 | `personal_commitment` |
 * | then for each text | its length as 4 bytes, big-endian, and its UTF-8; an absent one is `ffffffff` |
 *
 * The texts, in this order: `event_type`, `severity`, `outcome`, `actor_type`, `request_id`,
 * `trace_id`, `method`, `path`, `status_code` in decimal, `resource_type`, `resource_id`, and
 * `details` without its member `personal` as canonical JSON (RFC 8785).
 *
 * Outside of it stand what an erasure empties (address, user agent, actor, personal details, salt:
 * the commitment speaks for them) and `written_by`, which the database gives: a seal says which
 * transactions it covers.
 */
import { hash } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'

/** The version of the form, its first byte. */
export const sealedFormVersion = 1

/** The length of a row's random salt, in bytes. */
export const personalSaltLength = 16

/** The member of `details` that may hold personal data; nothing else in `details` may. */
export const personalDetails = 'personal'

/** Additional facts of a row, as the table keeps them. */
type Details = Readonly<Record<string, unknown>>

type Text = string | null | undefined

/** What of a row is sealed as it stands. */
export interface SealedFields {
  /** A UUID in its usual text. */
  readonly id: string
  readonly createdAt: Date
  readonly clientId: string
  /** 32 bytes: {@linkcode personalCommitment}. */
  readonly personalCommitment: Uint8Array
  readonly eventType: string
  readonly severity: string
  readonly outcome: string
  readonly actorType: string
  readonly requestId?: Text
  readonly traceId?: Text
  readonly method?: Text
  readonly path?: Text
  readonly statusCode?: number | null | undefined
  readonly resourceType?: Text
  readonly resourceId?: Text
  readonly details: Details
}

/** What of a row is about a person, and goes at an erasure. */
export interface PersonalFields {
  readonly ip?: Text
  readonly userAgent?: Text
  readonly actorId?: Text
  /** As a whole: its member `personal` is what counts. */
  readonly details: Details
}

const fixedLength = 1 + 16 + 8 + 16 + 32
const absent = 0xffff_ffff

/** The sealed form of a row: a copy of its own. */
export function sealedForm(row: SealedFields): Buffer {
  const { statusCode } = row
  const texts = [
    row.eventType,
    row.severity,
    row.outcome,
    row.actorType,
    row.requestId,
    row.traceId,
    row.method,
    row.path,
    statusCode === null || statusCode === undefined ? null : String(statusCode),
    row.resourceType,
    row.resourceId,
    sealedDetails(row.details),
  ]
  const form = Buffer.allocUnsafe(fixedLength + lengthOf(texts))
  form[0] = sealedFormVersion
  form.write(row.id.replaceAll('-', ''), 1, 'hex')
  form.writeBigInt64BE(BigInt(row.createdAt.getTime()), 17)
  form.write(row.clientId.replaceAll('-', ''), 25, 'hex')
  form.set(row.personalCommitment, 41)
  writeTexts(form, fixedLength, texts)
  return form
}

/** What the hash of {@linkcode personalCommitment} begins with, so that it is like no other. */
export const commitmentLabel = Buffer.from('caly audit personal 1\0', 'latin1')

/**
 * What a row keeps of its personal fields for good: SHA-256 over a label, the salt and the fields.
 * Without the salt it tells nothing about them, not even to somebody who tries every address.
 *
 * @param salt 16 random bytes, of this row alone
 */
export function personalCommitment(salt: Uint8Array, fields: PersonalFields): Buffer {
  const personal = fields.details[personalDetails]
  const texts = [
    fields.ip,
    fields.userAgent,
    fields.actorId,
    personal === undefined ? null : canonicalJson(personal),
  ]
  const start = commitmentLabel.length + personalSaltLength
  const form = Buffer.allocUnsafe(start + lengthOf(texts))
  form.set(commitmentLabel)
  form.set(salt.subarray(0, personalSaltLength), commitmentLabel.length)
  writeTexts(form, start, texts)
  return hash('sha256', form, 'buffer')
}

/** The text that stands for `details` in the sealed form. */
export function sealedDetails(details: Details): string {
  return canonicalJson({ ...details, [personalDetails]: undefined })
}

const lengthOf = (texts: readonly Text[]): number =>
  texts.reduce((sum, text) => sum + 4 + Buffer.byteLength(text ?? ''), 0)

function writeTexts(form: Buffer, start: number, texts: readonly Text[]): void {
  let at = start
  for (const text of texts) {
    const length = text === null || text === undefined ? 0 : form.write(text, at + 4)
    form.writeUInt32BE(text === null || text === undefined ? absent : length, at)
    at += 4 + length
  }
}
