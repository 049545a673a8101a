import { namesSensitiveFile } from '../detectors/path-traversal/sensitive.ts'
import { isTelling, meaningOf } from './commands.ts'
import { plainWord } from './words.ts'

/** What comes to nothing in the middle of a word, and so hides it from whoever looks for words. */
const trick =
  /\w(?:''|""|``|\$\(\)|[<>]\(\)|\$[@*\d]|\$\{?[a-z_-]{0,16}\}?|[\\^])[\w/]|\w\$\(\)(?=\s)|\$\(echo |[\w/]'\w{1,16}'\w|[\w/]"\w{1,16}"\w/iy

/** Where it begins, or its second character stands. */
const hiding = /['"`$<>\\^]/g

/** As many as are looked at, of those that hide nothing, and of those that could. */
const mostSigns = 256
const most = 16

/** How far a word reaches to either side of what is hidden in it. */
const reach = 96

/** How surely a text hides the name of a command or of a secret file: `w''hoami`, `/et$x/passwd`. */
export function disguise(text: string): number {
  let tricks = 0
  hiding.lastIndex = 0
  for (let count = 0; count < mostSigns && tricks < most; count++) {
    const sign = hiding.exec(text)
    if (sign === null) break
    const start = startOfTrick(text, sign.index)
    if (start < 0) continue
    tricks++
    const raw = wordAround(text, start)
    const plain = plainWord(raw)
    if (plain !== raw && isHidden(raw, plain)) return 0.9
    hiding.lastIndex = Math.max(sign.index + 1, trick.lastIndex - 1)
  }
  if (hasWildcards(text)) return 0.9
  return quotedPart.test(text) && hidesFirst(text) ? 0.7 : 0
}

/** A word whose first letters are in quotes of their own. */
const quotedPart = /^\s{0,4}(?:'\w{1,12}'\w|"\w{1,12}"\w)/

/** Whether the first word of a text is a command, and only so written that no filter finds it. */
function hidesFirst(text: string): boolean {
  const raw = /^\s{0,4}(\S{3,32})/.exec(text)?.[1] ?? ''
  return meaningOf(plainWord(raw)) === 'command'
}

function startOfTrick(text: string, sign: number): number {
  for (const start of [sign - 1, sign]) {
    trick.lastIndex = Math.max(start, 0)
    if (trick.test(text)) return Math.max(start, 0)
  }
  return -1
}

function wordAround(text: string, at: number): string {
  let start = at
  while (start > 0 && at - start < reach && !/[\s;|&,=]/.test(text[start - 1] ?? ' ')) start--
  let end = at
  while (end < text.length && end - at < reach && !isEnd(text, end)) end++
  return text.slice(start, end)
}

/** A blank ends a word, but for the one of `$(echo x)`. */
const isEnd = (text: string, at: number): boolean =>
  /[\s;|&,]/.test(text[at] ?? ' ') && !(text[at] === ' ' && text.slice(at - 6, at) === '$(echo')

function isHidden(raw: string, plain: string): boolean {
  if (namesSensitiveFile(plain) && !namesSensitiveFile(raw)) return true
  if (raw.startsWith('/') && root.test(plain) && !root.test(raw)) return true
  if (/\\[ux][\da-f]{2}/i.test(raw)) return false
  const meaning = meaningOf(plain)
  if (meaning === undefined || plain.length < 3 || meaningOf(raw) !== undefined) return false
  // One escape may have a meaning of its own: \n, \t, a folder of Windows, a power.
  if (!/[\\^]/.test(raw)) return true
  return /[\\^].*[\\^]/.test(raw)
    ? meaning === 'command' || /^\w(?:\^\w)+$/.test(raw)
    : raw.includes('^') && isTelling(plain, true)
}

/** Folders that nobody escapes a letter of. */
const root = /^\/(?:etc|bin|usr\/bin|proc|dev)\/\w/

/** A path whose folder or file is spelt with wildcards: `/???/c?t`, `/etc/pa[s]swd`. */
const patterned =
  /(?:^|[^\w*?\]])(\/[\w?*[\]]{1,12}\/(?:[\w?*[\]-]{1,16}\/){0,3}[\w?*[\].!^-]{1,24})/g

/** The folders whose names are guessed. */
const folders = ['bin', 'etc', 'usr', 'sbin', 'proc', 'dev']

function hasWildcards(text: string): boolean {
  if (!text.includes('/') || !/[?*[]/.test(text)) return false
  for (const [, path = ''] of text.matchAll(patterned)) {
    const [, folder = '', ...rest] = path.split('/')
    if (/[?[]|\w\*/.test(folder)) {
      if (folders.some((name) => matches(folder, name))) return true
    } else if (/^(?:s?bin|etc|usr)$/.test(folder) && isGuess(rest.at(-1) ?? '')) return true
  }
  return false
}

/** A file whose name is guessed; a question mark behind a name may end a sentence. */
const isGuess = (file: string): boolean =>
  /\?\w|\[(?:\w|[!^]\w{1,8}|\w-\w|\?)\]/.test(file) ||
  (file.endsWith('?') && guessed.some((name) => matches(file, name)))

const guessed = ['cat', 'ls', 'id', 'sh', 'nc', 'tac', 'bash', 'passwd', 'shadow', 'hosts']

/** Whether a pattern of a shell matches a name, without going back: a star takes all that is left. */
function matches(pattern: string, name: string): boolean {
  let at = 0
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index]
    if (character === '*') return true
    if (character === '[') {
      const close = pattern.indexOf(']', index)
      if (close < 0 || !pattern.slice(index, close).includes(name[at] ?? '\0')) return false
      index = close
    } else if (character !== '?' && character !== name[at]) return false
    if (at >= name.length) return false
    at++
  }
  return at === name.length
}
