/** Up to here strings are the quicker. */
const short = 512

/**
 * A text that is put together character by character, out of one that is at least as long: where
 * there are thousands, far quicker than pieces of strings.
 */
export class Characters {
  private readonly units: Uint16Array | undefined
  private length = 0
  private text = ''

  /** @param source of which all up to `end` is taken over as it is */
  constructor(source: string, end: number) {
    this.text = source.slice(0, end)
    this.units = source.length > short ? new Uint16Array(source.length - end) : undefined
  }

  /** Adds one UTF-16 unit. */
  add(unit: number): void {
    if (this.units === undefined) this.text += String.fromCharCode(unit)
    else this.units[this.length++] = unit
  }

  /** Adds a character by its code point, or U+FFFD where there is none. */
  addPoint(point: number): void {
    if (point < 0x10000) this.add(point)
    else if (point > 0x10ffff) this.add(0xfffd)
    else {
      this.add(0xd800 + ((point - 0x10000) >> 10))
      this.add(0xdc00 + ((point - 0x10000) & 0x3ff))
    }
  }

  /** The whole text. */
  toString(): string {
    let { text } = this
    if (this.units === undefined) return text
    for (let at = 0; at < this.length; at += chunk) {
      const part = this.units.subarray(at, Math.min(at + chunk, this.length))
      text += Reflect.apply(String.fromCharCode, undefined, part)
    }
    return text
  }
}

/** As many arguments as every engine takes. */
const chunk = 4096

/** The value of a hexadecimal digit by its code, or -1. */
export function hexadecimal(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

/** The number that some hexadecimal digits make, or -1 where one is none. */
export function hexadecimals(text: string, from: number, count: number): number {
  let value = 0
  for (let at = from; at < from + count; at++) {
    const digit = hexadecimal(text.charCodeAt(at))
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}
