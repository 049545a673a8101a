import { announcesSecret } from './assignments.ts'
import { kindOfKey } from './keys.ts'
import { isPersonalNumber } from './numbers.ts'
import { redactText } from './text.ts'

/** Options of {@linkcode redact}. Each bounds the work, whatever the value is. */
export interface RedactOptions {
  /** Levels that are looked into. @default 16 */
  readonly depth?: number
  /** Entries of one object or list. @default 100 */
  readonly width?: number
  /** Characters of one text. @default 8192 */
  readonly text?: number
  /** Values in all. @default 2000 */
  readonly values?: number
  /** Characters in all. @default 65_536 */
  readonly size?: number
  /** Values that are known to be secret, of 8 characters and more. @default none */
  readonly secrets?: readonly string[]
}

/** A value as JSON knows it. */
export type Plain = string | number | boolean | null | undefined | readonly Plain[] | PlainObject

/** An object of plain values. */
export interface PlainObject {
  readonly [name: string]: Plain
}

const hidden = '[redacted]'

/**
 * A copy of any value without secrets and personal data: by the names that values stand under, and
 * by what texts look like, at any depth. What is left is plain data that JSON can write: an error
 * becomes its type, message, frames and causes; a Map its entries; bytes their number. Never throws,
 * and never takes longer than its bounds allow; what lies beyond these is left out, and said so.
 *
 * @example Names and texts both tell
 * ```ts
 * import { deepEqual } from 'node:assert/strict'
 * deepEqual(redact({ apiKey: 'k', note: 'Bearer abc123' }), {
 *   apiKey: '[redacted]',
 *   note: 'Bearer [redacted]',
 * })
 * ```
 */
export function redact(value: unknown, options: RedactOptions = {}): Plain {
  return new Redaction(options).value(value, 0)
}

/** One walk through a value, with what is left of its budget. */
class Redaction {
  readonly #depth: number
  readonly #width: number
  readonly #text: number
  readonly #secrets: readonly string[]
  #values: number
  #size: number
  /** The containers that the walk is within: one of them again is a circle. */
  readonly #path = new Set<object>()

  constructor({ depth = 16, width = 100, text = 8192, values = 2000, ...rest }: RedactOptions) {
    this.#depth = depth
    this.#width = width
    this.#text = text
    this.#values = values
    this.#size = rest.size ?? 65_536
    this.#secrets = rest.secrets ?? []
  }

  value(value: unknown, depth: number): Plain {
    if (--this.#values < 0) return '[too much]'
    switch (typeof value) {
      case 'string':
        return this.#string(value, depth)
      case 'number':
        return isPersonalNumber(value) ? hidden : value
      case 'bigint':
        return isPersonalNumber(value) ? hidden : this.#plainText(String(value))
      case 'boolean':
      case 'undefined':
        return value
      case 'object':
        return value === null ? null : this.#guarded(value, depth)
      case 'symbol':
        return this.#plainText(value.description ?? 'symbol')
      default:
        return '[function]'
    }
  }

  /** Proxies and getters can throw at any touch. */
  #guarded(value: object, depth: number): Plain {
    if (this.#path.has(value)) return '[circular]'
    if (depth >= this.#depth) return '[too deep]'
    this.#path.add(value)
    try {
      return this.#object(value, depth + 1)
    } catch {
      return '[unreadable]'
    } finally {
      this.#path.delete(value)
    }
  }

  #object(value: object, depth: number): Plain {
    if (value instanceof Error) return this.#error(value, depth)
    if (Array.isArray(value)) return this.#list(value, value.length, depth)
    if (value instanceof Map) return this.#entries(value.entries(), value.size, depth)
    if (value instanceof Set) return this.#list(value.values(), value.size, depth)
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
      return `[${value.byteLength} bytes]`
    if (value instanceof SharedArrayBuffer) return `[${value.byteLength} bytes]`
    if (value instanceof Date)
      return Number.isNaN(value.getTime()) ? '[invalid date]' : value.toISOString()
    if (value instanceof URL) return this.#plainText(value.href)
    if (value instanceof Headers || value instanceof URLSearchParams || value instanceof FormData)
      return this.#entries(value.entries(), this.#width, depth)
    if (value instanceof RegExp) return this.#plainText(value.source)
    if (value instanceof String || value instanceof Number || value instanceof BigInt)
      return this.value(value.valueOf(), depth)
    if (isOpaque(value)) return `[${this.#plainText(className(value))}]`
    return this.#fields(value, depth)
  }

  #fields(value: object, depth: number): PlainObject {
    const names = Object.keys(value)
    const fields = value as Readonly<Record<string, unknown>>
    const isPair = names.length <= 4 && names.includes('value') && this.#namesSecret(fields)
    const result: [string, Plain][] = []
    for (const name of names.slice(0, this.#width)) {
      if (this.#values < 0) break
      let field: unknown
      try {
        field = fields[name]
      } catch {
        result.push([this.#string(name, depth), '[unreadable]'])
        continue
      }
      const shown = isPair && name === 'value' ? hidden : this.#named(name, field, depth)
      result.push([this.#string(name, depth), shown])
    }
    if (names.length > result.length) result.push(['…', `${names.length - result.length} more`])
    return Object.fromEntries(result)
  }

  /** `{ name: 'password', value: … }`, as forms and headers are listed. */
  #namesSecret(fields: Readonly<Record<string, unknown>>): boolean {
    return ['name', 'key', 'header', 'field'].some((word) => {
      const name = Object.hasOwn(fields, word) ? fields[word] : undefined
      return typeof name === 'string' && isSecretName(name)
    })
  }

  /** A value under its name. */
  #named(name: string, value: unknown, depth: number): Plain {
    const kind = kindOfKey(name)
    if (kind === 'plain' || value === null || value === undefined || typeof value === 'boolean')
      return this.value(value, depth)
    if (kind === 'secret') return hidden
    if (kind === 'auth') return typeof value === 'object' ? this.value(value, depth) : hidden
    return typeof value === 'number' || typeof value === 'bigint'
      ? '[redacted:phone]'
      : this.value(value, depth)
  }

  #list(values: Iterable<unknown>, length: number, depth: number): readonly Plain[] {
    const result: Plain[] = []
    let previous: unknown
    for (const item of values) {
      if (result.length >= this.#width || this.#values < 0) break
      // `[name, value]`, and headers as node lists them.
      const follows = length % 2 === 0 && result.length % 2 === 1 && typeof previous === 'string'
      result.push(
        follows && isSecretName(previous as string) && isCredential(previous as string, length)
          ? this.#named(previous as string, item, depth)
          : this.value(item, depth),
      )
      previous = item
    }
    if (length > result.length) result.push(`… ${length - result.length} more`)
    return result
  }

  #entries(entries: Iterable<readonly [unknown, unknown]>, size: number, depth: number): Plain {
    const result: [string, Plain][] = []
    for (const [name, value] of entries) {
      if (result.length >= this.#width || this.#values < 0) {
        result.push(['…', `${Math.max(1, size - result.length)} more`])
        break
      }
      const shown = typeof name === 'string' ? this.#string(name, depth) : this.value(name, depth)
      const key = typeof shown === 'string' ? shown : JSON.stringify(shown)
      result.push([
        String(key),
        typeof name === 'string' ? this.#named(name, value, depth) : this.value(value, depth),
      ])
    }
    return Object.fromEntries(result)
  }

  /**
   * Type, message, code, frames and causes; of other fields none, since drivers hang parameters on
   * their errors. A query's error repeats them in its message: only its text is told.
   */
  #error(error: Error, depth: number): PlainObject {
    const fields = error as Error & Readonly<Record<string, unknown>>
    const message =
      typeof fields['query'] === 'string' && 'params' in fields
        ? `Failed query: ${fields['query']}`
        : String(error.message)
    const code = fields['code']
    return {
      type: this.#plainText(String(error.name)),
      message: this.#string(message, depth),
      ...((typeof code === 'string' || typeof code === 'number') && {
        code: this.value(code, depth),
      }),
      ...(typeof error.stack === 'string' && { stack: this.#plainText(framesOf(error.stack)) }),
      ...(error.cause !== undefined && { cause: this.value(error.cause, depth) }),
      ...(error instanceof AggregateError && { errors: this.value(error.errors, depth) }),
    }
  }

  /** A text that is JSON, or holds some, is looked into. */
  #string(text: string, depth: number): string {
    if (text.length > Math.min(this.#text, this.#size) || depth >= this.#depth)
      return this.#plainText(text)
    const [start, end] = jsonWithin(text)
    const parsed = start < end ? parse(text.slice(start, end)) : undefined
    if (parsed === undefined || announcesSecret(text.slice(0, start))) return this.#plainText(text)
    const shown = JSON.stringify(this.value(parsed, depth + 1))
    const [before, after] = [text.slice(0, start), text.slice(end)]
    return `${this.#plainText(before)}${this.#spend(shown)}${this.#plainText(after)}`
  }

  #plainText(text: string): string {
    if (this.#size === 0 && text !== '') return '…'
    return this.#spend(redactText(text, Math.min(this.#text, this.#size), this.#secrets))
  }

  #spend(text: string): string {
    this.#size = Math.max(0, this.#size - text.length)
    return text
  }
}

const isSecretName = (name: string): boolean =>
  name.length <= 64 && /^[\w.-]+$/.test(name) && kindOfKey(name) === 'secret'

/** In a longer list only a header's name announces a value: `fields: ['password', 'name']` is none. */
const isCredential = (name: string, length: number): boolean =>
  length > 2
    ? /^(?:proxy-)?authorization$|cookie$|^x-/i.test(name)
    : /[-A-Z]|^cookie$|^auth/.test(name)

/** Objects whose fields say nothing, or whose content is not for a log. */
function isOpaque(value: object): boolean {
  return (
    value instanceof Promise ||
    value instanceof WeakMap ||
    value instanceof WeakSet ||
    value instanceof Request ||
    value instanceof Response ||
    value instanceof Blob ||
    value instanceof ReadableStream
  )
}

const className = (value: object): string => String(value.constructor?.name ?? 'object')

/** Where JSON may stand in a text: as a whole, or from the first bracket to the last. */
function jsonWithin(text: string): readonly [start: number, end: number] {
  if (text.startsWith('"') && text.endsWith('"')) return [0, text.length]
  const start = text.search(/[[{]\s*["[{]/)
  return start < 0 ? [0, 0] : [start, Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1]
}

function parse(text: string): object | string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' || (typeof value === 'object' && value !== null)
      ? value
      : undefined
  } catch {
    return undefined
  }
}

/** Where an error came from, without the message that most runtimes repeat in front. */
function framesOf(stack: string): string {
  return stack
    .slice(0, stackLimit)
    .split('\n')
    .filter((line) => /^\s*at /.test(line))
    .slice(0, frameLimit)
    .map((line) => line.trim())
    .join('\n')
}

const stackLimit = 16_384
const frameLimit = 30
