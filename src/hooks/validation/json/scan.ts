import { maxDepth, maxEntries, maxFaults } from '../limits.ts'
import { forbiddenName, isForbiddenName, nulCharacter, type PlacedFault } from '../refused-part.ts'
import { SeenKeys } from './seen-keys.ts'
import { stringEnds } from './strings.ts'

/** What a JSON text holds that a parser takes in silence. */
export interface JsonScan {
  readonly faults: readonly PlacedFault[]
  /** Whether it is too deep or too wide to be worth parsing: the scan stopped there. */
  readonly tooMuch: boolean
  /** Whether an object has a key twice: parsers differ in which one they believe (RFC 8259 §4). */
  readonly repeatedKey: boolean
}

const tooDeep = {
  code: 'too_deep',
  message: `must not be nested in more than ${maxDepth} levels`,
} as const
const tooMany = {
  code: 'too_many',
  message: `must not have more than ${maxEntries} fields and items`,
} as const
const unsafeNumber = {
  code: 'unsafe_number',
  message: `must be a number from -${Number.MAX_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}`,
} as const
const halfCharacter = {
  code: 'half_character',
  message: 'must not contain half a character',
} as const

/** Digits that cannot reach 2^53, whatever they are. */
const safeDigits = 15

/**
 * Looks through a JSON text before it is parsed. One pass, whose work is linear in the text and
 * whose memory is bounded by the limits. It does not judge the grammar, which `JSON.parse` does:
 * of a text that is none it may find anything, but it ends.
 */
export function scanJson(text: string): JsonScan {
  const stringEnd = stringEnds(text)
  const faults: PlacedFault[] = []
  /** The key or index that each open object or array is at. */
  const at: (string | number)[] = []
  /** The keys of each open object; undefined for an array. */
  const open: (SeenKeys | undefined)[] = []
  const spare: SeenKeys[] = []
  let keys: SeenKeys | undefined
  let depth = 0
  let entries = 0
  let keyComes = false
  let repeatedKey = false

  const found = (fault: Omit<PlacedFault, 'at'>, levels = depth) => {
    if (faults.length < maxFaults) faults.push({ at: at.slice(0, levels), ...fault })
  }
  const scanned = (tooMuch: boolean): JsonScan => ({ faults, tooMuch, repeatedKey })

  const takeKey = (key: string, nul: boolean, half: boolean) => {
    keyComes = false
    at[depth - 1] = key
    entries += 1
    if (keys?.note(key)) repeatedKey = true
    if (isForbiddenName(key)) found(forbiddenName, depth - 1)
    if (nul) found(nulCharacter, depth - 1)
    if (half) found(halfCharacter, depth - 1)
  }

  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    switch (code) {
      case quoteMark: {
        const start = index + 1
        const { end, escaped, nul, half } = stringEnd(start)
        if (end === -1) return scanned(false)
        index = end
        if (keyComes) {
          const raw = text.slice(start, end)
          takeKey(escaped ? unescaped(raw) : raw, nul, half)
        } else {
          if (keys === undefined && depth > 0) entries += 1
          if (nul) found(nulCharacter)
          if (half) found(halfCharacter)
        }
        break
      }
      case openBrace:
      case openBracket: {
        if (keys === undefined && depth > 0) entries += 1
        if (depth === maxDepth) {
          faults.length = 0
          at.length = 0
          found(tooDeep, 0)
          return scanned(true)
        }
        keyComes = code === openBrace
        if (keyComes) {
          keys = spare[depth] ??= new SeenKeys()
          keys.clear()
        } else keys = undefined
        open[depth] = keys
        at[depth] = 0
        depth += 1
        break
      }
      case closeBrace:
      case closeBracket:
        // More ends than beginnings: no JSON.
        if (depth === 0) return scanned(false)
        depth -= 1
        keys = depth === 0 ? undefined : open[depth - 1]
        keyComes = false
        break
      case comma:
        if (keys !== undefined) keyComes = true
        else if (depth > 0) at[depth - 1] = Number(at[depth - 1]) + 1
        break
      case letterT:
      case letterF:
      case letterN:
        if (keys === undefined && depth > 0) entries += 1
        index += code === letterF ? 4 : 3
        break
      default: {
        if (code !== minus && !isDigit(code)) break
        if (keys === undefined && depth > 0) entries += 1
        const start = index
        let exponent = false
        for (let next = text.charCodeAt(index + 1); isNumeric(next); ) {
          if (next === lowerE || next === upperE) exponent = true
          index += 1
          next = text.charCodeAt(index + 1)
        }
        if (exponent || index - start >= safeDigits) {
          const value = Math.abs(Number(text.slice(start, index + 1)))
          if (value > Number.MAX_SAFE_INTEGER) found(unsafeNumber)
        }
      }
    }
    if (entries > maxEntries) {
      faults.length = 0
      found(tooMany, 0)
      return scanned(true)
    }
  }
  return scanned(false)
}

const quoteMark = 0x22
const comma = 0x2c
const minus = 0x2d
const upperE = 0x45
const openBracket = 0x5b
const closeBracket = 0x5d
const lowerE = 0x65
const letterF = 0x66
const letterN = 0x6e
const letterT = 0x74
const openBrace = 0x7b
const closeBrace = 0x7d

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** Whether a character can stand in a number after its first. NaN, past the end, cannot. */
const isNumeric = (code: number): boolean =>
  isDigit(code) ||
  code === 0x2e ||
  code === lowerE ||
  code === upperE ||
  code === 0x2b ||
  code === minus

/** What a key with escapes says; of one that is no JSON, its text. */
function unescaped(raw: string): string {
  try {
    return String(JSON.parse(`"${raw}"`))
  } catch {
    return raw
  }
}
