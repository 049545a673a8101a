/** Secrets that a text names itself: `password=…`, `"apiKey": "…"`, `Authorization: …`. */
import { kindOfKey } from './keys.ts'

/** What can stand between a name and its value. `is` counts only before digits: "the token is old". */
const separators = /=>|[:=]|%3[ad]|\s(?:is|was)\s|(?<=(?:^|\s)--?[a-z-]{2,40})\s/gi

const nameCharacter = /[\w-]/
const nameLimit = 64

/** Words that need the one before them: `api key`, `one-time code`. */
const weakWords = /^(?:key|code|number|string|word)$/i

/** Names whose values may hold spaces: they go up to the end of the line. */
const wholeLine = /authori[sz]ation$|cookie$|passphrase$|credentials?$/i

/** Values that tell nothing: a statement's parameter, a literal. */
const harmless = /^(?:\$\d+|\?|:\w+|null|undefined|true|false|none)(?![\w-])/i

/** What stands in front of credentials (RFC 9110 §11.4), and is none itself. */
const scheme = /^(?:bearer|basic|digest|negotiate|apikey|hmac|token)$/i

/** Takes the values of secret names out of a text. */
export function redactAssignments(text: string): string {
  let result = ''
  let done = 0
  separators.lastIndex = 0
  for (let found = separators.exec(text); found !== null; found = separators.exec(text)) {
    const name = secretNameBefore(text, found.index)
    if (name === undefined) continue
    const start = skip(text, separators.lastIndex, ' \t', 4)
    const value = valueAt(text, start, name, found[0])
    if (value === undefined) continue
    result += `${text.slice(done, start)}${value.opening}[redacted]${value.closing}`
    done = value.end
    separators.lastIndex = done
  }
  return done === 0 ? text : result + text.slice(done)
}

/** Whether a text ends with a secret's name and a separator: what follows is the secret. */
export function announcesSecret(text: string): boolean {
  const [separator] = /(?:=>|[:=]|%3[ad])\s{0,4}$/i.exec(text.slice(-16)) ?? []
  return (
    separator !== undefined && secretNameBefore(text, text.length - separator.length) !== undefined
  )
}

/** The name in front of a separator, where it stands for a secret. */
function secretNameBefore(text: string, separator: number): string | undefined {
  let end = separator
  for (let steps = 0; steps < 12; steps++) {
    if (/[\s"'`\\\]]/.test(text.charAt(end - 1))) end--
    else if (text.slice(end - 3, end) === '%22') end -= 3
    else break
  }
  const name = wordBefore(text, end)
  if (isSecret(name)) return name
  if (!weakWords.test(name)) return undefined
  const both = `${wordBefore(text, end - name.length - 1)}-${name}`
  return isSecret(both) ? both : undefined
}

const isSecret = (name: string): boolean => /^(?:secret|auth)$/.test(kindOfKey(name))

function wordBefore(text: string, end: number): string {
  let start = end
  while (start > 0 && end - start < nameLimit && nameCharacter.test(text.charAt(start - 1))) start--
  return text.slice(start, end)
}

function skip(text: string, from: number, characters: string, limit: number): number {
  let index = from
  while (index < from + limit && index < text.length && characters.includes(text.charAt(index)))
    index++
  return index
}

interface Value {
  readonly end: number
  /** The quotes around it, which stay. */
  readonly opening: string
  readonly closing: string
}

function valueAt(text: string, start: number, name: string, separator: string): Value | undefined {
  const escapes = skip(text, start, '\\', 16) - start
  const first = text.charAt(start + escapes)
  if (first === '"' || first === "'" || first === '`') {
    const end = quotedEnd(text, start + escapes + 1, first, escapes)
    const quote = '\\'.repeat(escapes) + first
    return { end, opening: quote, closing: quote }
  }
  if (first === '[' || first === '{') return unquoted(bracketEnd(text, start))
  const isProse = /\s/.test(separator)
  const isLine = !isProse && (wholeLine.test(name) || (separator === ':' && /pass/i.test(name)))
  const stop = isLine ? lineEnd : wordEnd
  const value = upTo(stop, text, start)
  if (value === '' || harmless.test(value) || (isProse && !/\d/.test(value))) return undefined
  return unquoted(schemeEnd(text, start, value))
}

/** The end of a value: behind the credentials, where it is only their scheme (`token=Bearer …`). */
function schemeEnd(text: string, start: number, value: string): number {
  const end = start + value.length
  if (!scheme.test(value)) return end
  const next = skip(text, end, ' \t', 4)
  return next + upTo(wordEnd, text, next).length
}

/** A text from a place on up to what stops it, without the punctuation behind it. */
function upTo(stop: RegExp, text: string, from: number): string {
  stop.lastIndex = from
  return text.slice(from, stop.exec(text)?.index).replace(/[,.)}\]]{1,8}$/, '')
}

const unquoted = (end: number): Value => ({ end, opening: '', closing: '' })

const lineEnd = /[\r\n]|\\[rn]|["`]/g
const wordEnd = /[\s&;"'`<>]|%26/g

/** Behind the closing quote: one with no more backslashes before it than the opening one has. */
function quotedEnd(text: string, from: number, quote: string, escapes: number): number {
  let backslashes = 0
  for (let index = from; index < text.length; index++) {
    const character = text.charAt(index)
    if (character === quote && backslashes <= escapes) return index + 1
    backslashes = character === '\\' ? backslashes + 1 : 0
  }
  return text.length
}

/** Behind the bracket that closes the one at `start`. */
function bracketEnd(text: string, start: number): number {
  let depth = 0
  for (let index = start; index < text.length; index++) {
    const character = text.charAt(index)
    if (character === '[' || character === '{') depth++
    else if ((character === ']' || character === '}') && --depth === 0) return index + 1
  }
  return text.length
}
