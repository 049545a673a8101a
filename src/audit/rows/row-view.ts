import { hashLength, leafPrefix, sha256 } from '../merkle.ts'
import type { RowMacs } from '../row-mac.ts'
import { commitmentLabel, personalSaltLength, sealedFormVersion } from '../sealed-form.ts'
import { type Column, columnIndex, columns } from './columns.ts'
import { detailTexts } from './details.ts'

/** Whether a row's MAC is Caly's; `none` where it has no MAC at all. */
export type MacVerdict = ReturnType<RowMacs['check']> | 'none'

/** Seconds between 1970 and 2000, from which PostgreSQL counts, in milliseconds. */
const postgresEpoch = 946_684_800_000

const formAt = 1
const textsAt = formAt + 1 + 16 + 8 + 16 + hashLength
const writtenByLength = 8
const absent = 0xffff_ffff
const firstText = columnIndex['event_type']
const lastText = columnIndex['resource_id']

/**
 * One row in a page as `record_send` writes it (a count of columns, then for each its type, its
 * length and its bytes). The same view moves from row to row, and hashes in the same memory: a
 * million rows make no garbage to speak of. It makes the bytes of `sealed-form.ts` a second time, from
 * the wire instead of from values; a test holds the two equal.
 */
export class RowView {
  #page: Buffer = Buffer.alloc(0)
  readonly #starts = new Int32Array(columns.length)
  readonly #lengths = new Int32Array(columns.length)
  readonly #texts = detailTexts()
  /** The leaf prefix, the sealed form, `written_by`. */
  #form = Buffer.alloc(4096)
  #formEnd = 0
  #personal = Buffer.alloc(1024)

  /** Looks at the row that begins there. @returns where the next one begins */
  move(page: Buffer, start: number): number {
    this.#page = page
    this.#formEnd = 0
    let at = start + 4
    for (let column = 0; column < columns.length; column += 1) {
      const length = page.readInt32BE(at + 4)
      at += 8
      this.#starts[column] = at
      this.#lengths[column] = length
      if (length > 0) at += length
    }
    return at
  }

  /** A column's bytes within the page; undefined for NULL. */
  bytes(column: Column): Buffer | undefined {
    const index = columnIndex[column]
    const start = this.#startOf(index)
    const length = this.#lengthOf(index)
    return length < 0 ? undefined : this.#page.subarray(start, start + length)
  }

  /** A column's text; undefined for NULL. */
  text(column: Column): string | undefined {
    return this.bytes(column)?.toString('utf8')
  }

  /** Whether a column has just these bytes. */
  is(column: Column, bytes: Buffer): boolean {
    const index = columnIndex[column]
    const start = this.#startOf(index)
    return (
      this.#lengthOf(index) === bytes.length &&
      bytes.compare(this.#page, start, start + bytes.length) === 0
    )
  }

  get id(): Buffer {
    const start = this.#startOf(columnIndex['id'])
    return this.#page.subarray(start, start + 16)
  }

  get writtenBy(): bigint {
    return this.#page.readBigUInt64BE(this.#startOf(columnIndex['written_by']))
  }

  /** Milliseconds since 1970. */
  get createdAt(): number {
    const at = this.#startOf(columnIndex['created_at'])
    const microseconds = this.#page.readInt32BE(at) * 2 ** 32 + this.#page.readUInt32BE(at + 4)
    return Math.floor(microseconds / 1000) + postgresEpoch
  }

  /** `details` as PostgreSQL writes it. */
  get details(): string {
    const index = columnIndex['details']
    // Its first byte is the version of the format.
    const start = this.#startOf(index) + 1
    return this.#page.toString('utf8', start, start + this.#lengthOf(index) - 1)
  }

  /** The hash that stands for the row in its seal's tree: over the sealed form and `written_by`. */
  leaf(): Buffer {
    this.#writeForm()
    return sha256(this.#form.subarray(0, this.#formEnd + writtenByLength))
  }

  /** Whether Caly wrote the row. */
  mac(macs: RowMacs): MacVerdict {
    const mac = this.bytes('mac')
    if (mac === undefined) return 'none'
    this.#writeForm()
    return macs.check(this.#form.subarray(formAt, this.#formEnd), mac)
  }

  /**
   * Whether the personal fields are those that the row was written with; `emptied` where no salt and
   * none of the fields is left.
   */
  personal(): 'right' | 'wrong' | 'emptied' {
    const salt = columnIndex['personal_salt']
    const { personal } = this.#texts(this.details)
    if (this.#lengthOf(salt) < 0) {
      const left =
        personal !== undefined ||
        this.#lengthOf(columnIndex['ip']) >= 0 ||
        this.#lengthOf(columnIndex['user_agent']) >= 0 ||
        this.#lengthOf(columnIndex['actor_id']) >= 0
      return left ? 'wrong' : 'emptied'
    }
    if (this.#lengthOf(salt) !== personalSaltLength) return 'wrong'
    const most = commitmentLabel.length + personalSaltLength + this.#page.length
    if (this.#personal.length < most) this.#personal = Buffer.alloc(most)
    const form = this.#personal
    commitmentLabel.copy(form)
    let at = this.#copy(salt, form, commitmentLabel.length)
    for (const column of ['ip', 'user_agent', 'actor_id'] as const)
      at = this.#copyText(columnIndex[column], form, at)
    at = writeText(personal, form, at)
    const committed = this.#startOf(columnIndex['personal_commitment'])
    const commitment = sha256(form.subarray(0, at))
    return commitment.compare(this.#page, committed, committed + hashLength) === 0
      ? 'right'
      : 'wrong'
  }

  #writeForm(): void {
    if (this.#formEnd > 0) return
    const details = this.#texts(this.details).sealed
    const most = textsAt + this.#page.length + details.length + writtenByLength
    if (this.#form.length < most) this.#form = Buffer.alloc(most)
    const form = this.#form
    form[0] = leafPrefix
    form[formAt] = sealedFormVersion
    let at = this.#copy(columnIndex['id'], form, formAt + 1)
    const { createdAt } = this
    form.writeInt32BE(Math.floor(createdAt / 2 ** 32), at)
    form.writeUInt32BE(createdAt >>> 0, at + 4)
    at = this.#copy(columnIndex['client_id'], form, at + 8)
    at = this.#copy(columnIndex['personal_commitment'], form, at)
    for (let column = firstText; column <= lastText; column += 1)
      at = this.#copyText(column, form, at)
    at = writeText(details, form, at)
    this.#formEnd = at
    this.#copy(columnIndex['written_by'], form, at)
  }

  #copy(column: number, target: Buffer, at: number): number {
    const start = this.#startOf(column)
    const length = Math.max(0, this.#lengthOf(column))
    this.#page.copy(target, at, start, start + length)
    return at + length
  }

  /** Copies a text with its length, which stands before it in the page just as in the form. */
  #copyText(column: number, target: Buffer, at: number): number {
    const start = this.#startOf(column)
    const length = Math.max(0, this.#lengthOf(column))
    this.#page.copy(target, at, start - 4, start + length)
    return at + 4 + length
  }

  #startOf(column: number): number {
    return this.#starts[column] ?? 0
  }

  #lengthOf(column: number): number {
    return this.#lengths[column] ?? -1
  }
}

function writeText(text: Buffer | undefined, target: Buffer, at: number): number {
  target.writeUInt32BE(text?.length ?? absent, at)
  return at + 4 + (text?.copy(target, at + 4) ?? 0)
}
