import type { Attributes } from '@opentelemetry/api'

/** How a field's value is written (protobuf's wire types). */
const varintType = 0
const fixed64Type = 1
const lengthType = 2
const fixed32Type = 5

const encoder = new TextEncoder()

/** Whole numbers below it are int64s, others are doubles. */
const maxInt64 = 2 ** 63

/** Above this the platform's encoder is quicker than a loop. */
const longText = 128

/**
 * Writes protobuf messages into memory that grows. Written for small messages by the thousand: a
 * nested message's length goes in front of it afterwards, and texts are taken to be ASCII until a
 * character shows otherwise.
 */
export class ProtobufWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView
  #length = 0

  /** @param capacity bytes to begin with */
  constructor(capacity = 4096) {
    this.#bytes = new Uint8Array(capacity)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** How many bytes are written. */
  get length(): number {
    return this.#length
  }

  /** What is written so far. Good until more is written. */
  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Begins anew in the same memory: what was written is no longer good. */
  clear(): void {
    this.#length = 0
  }

  /** Opens a nested message, or anything else that has its length in front. @returns for {@linkcode end} */
  begin(field: number): number {
    this.#tag(field, lengthType)
    this.#reserve(1)
    return ++this.#length
  }

  /** Closes what {@linkcode begin} has opened. */
  end(start: number): void {
    const length = this.#length - start
    const extra = varintLength(length) - 1
    if (extra > 0) {
      this.#reserve(extra)
      this.#bytes.copyWithin(start + extra, start, this.#length)
    }
    this.#length = start - 1
    this.#varint(length)
    this.#length += length
  }

  /** A whole number from 0 up. */
  uint(field: number, value: number): void {
    this.#tag(field, varintType)
    this.#varint(value)
  }

  fixed32(field: number, value: number): void {
    this.#tag(field, fixed32Type)
    this.#reserve(4)
    this.#view.setUint32(this.#length, value, true)
    this.#length += 4
  }

  /** Seconds and nanoseconds, as one number of nanoseconds. */
  nanoseconds(field: number, [seconds, nanoseconds]: readonly [number, number]): void {
    this.#tag(field, fixed64Type)
    this.#reserve(8)
    // In halves of 16 bits, so that no product leaves the integers that a number can hold.
    const high = (seconds >>> 16) * 1e9
    const low = (seconds & 0xffff) * 1e9 + nanoseconds + (high & 0xffff) * 0x1_0000
    this.#view.setUint32(this.#length, low % 0x1_0000_0000, true)
    this.#view.setUint32(
      this.#length + 4,
      Math.floor(high / 0x1_0000) + Math.floor(low / 0x1_0000_0000),
      true,
    )
    this.#length += 8
  }

  /** Bytes that are written as hexadecimal digits. */
  hex(field: number, digits: string): void {
    this.#tag(field, lengthType)
    const count = digits.length >> 1
    this.#varint(count)
    this.#reserve(count)
    for (let index = 0; index < count; index++)
      this.#bytes[this.#length++] =
        (hexDigit(digits.charCodeAt(2 * index)) << 4) | hexDigit(digits.charCodeAt(2 * index + 1))
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.#tag(field, lengthType)
    this.#varint(bytes.length)
    this.raw(bytes)
  }

  /** Fields that are written already. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  text(field: number, text: string): void {
    if (text.length < longText && this.#ascii(field, text)) return
    this.bytes(field, encoder.encode(text))
  }

  /** One `KeyValue` (OTLP's common.proto) for each attribute that has a value. */
  attributes(field: number, attributes: Attributes): void {
    for (const key in attributes) {
      const value = attributes[key]
      if (value === undefined) continue
      const start = this.begin(field)
      this.text(1, key)
      this.#anyValue(2, value)
      this.end(start)
    }
  }

  #anyValue(field: number, value: unknown): void {
    const start = this.begin(field)
    if (typeof value === 'string') this.text(1, value)
    else if (typeof value === 'boolean') this.uint(2, value ? 1 : 0)
    else if (typeof value === 'number') this.#number(value)
    else if (Array.isArray(value)) {
      const list = this.begin(5)
      for (const item of value) this.#anyValue(1, item)
      this.end(list)
    }
    this.end(start)
  }

  #number(value: number): void {
    const isInteger = Number.isInteger(value) && value >= -maxInt64 && value < maxInt64
    if (isInteger && value >= 0) this.uint(3, value)
    else if (isInteger) {
      this.#tag(3, varintType)
      this.#bigVarint(BigInt.asUintN(64, BigInt(value)))
    } else {
      this.#tag(4, fixed64Type)
      this.#reserve(8)
      this.#view.setFloat64(this.#length, value, true)
      this.#length += 8
    }
  }

  /** @returns false, with nothing written, where a character is none of ASCII's */
  #ascii(field: number, text: string): boolean {
    const start = this.#length
    this.#tag(field, lengthType)
    this.#reserve(text.length + 1)
    const bytes = this.#bytes
    let at = this.#length
    bytes[at++] = text.length
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) {
        this.#length = start
        return false
      }
      bytes[at++] = code
    }
    this.#length = at
    return true
  }

  #tag(field: number, type: number): void {
    this.#varint((field << 3) | type)
  }

  #varint(value: number): void {
    this.#reserve(10)
    let rest = value
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#length++] = rest
  }

  #bigVarint(value: bigint): void {
    this.#reserve(10)
    let rest = value
    while (rest > 0x7fn) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.#bytes[this.#length++] = Number(rest)
  }

  #reserve(count: number): void {
    const wanted = this.#length + count
    if (wanted <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(wanted, 2 * this.#bytes.length))
    grown.set(this.written())
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

function varintLength(value: number): number {
  let length = 1
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) length++
  return length
}

/** The digit of a character code of 0-9, a-f. */
const hexDigit = (code: number): number => (code < 0x3a ? code - 0x30 : (code | 0x20) - 0x57)
