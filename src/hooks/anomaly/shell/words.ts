/** One word of a command line. */
export interface Word {
  readonly raw: string
  /** What the shell makes of it: without quotes, escapes and expansions that come to nothing. */
  readonly plain: string
}

/** What stands between two separators. */
export interface Command {
  readonly words: readonly Word[]
  /** Where it ends: the index of the separator behind it, or the end of the text. */
  readonly end: number
  /** Whether input or output is redirected. */
  readonly redirected: boolean
}

/** More than any name, option or path of a payload has. */
const longestWord = 512

/** As many words as are looked at. */
const mostWords = 12

/** What ends a command. */
export const isSeparator = (character: string | undefined): boolean =>
  character === ';' ||
  character === '|' ||
  character === '&' ||
  character === '\n' ||
  character === '\r'

const isBlank = (character: string | undefined): boolean => character === ' ' || character === '\t'

/**
 * Reads one command, as sh does, with what cmd.exe has of its own (`^` before a character). Reads
 * no further than 12 words of 512 characters: the rest of a longer command tells nothing more.
 */
export function readCommand(text: string, start: number): Command {
  const words: Word[] = []
  let redirected = false
  let at = start
  while (at < text.length && words.length < mostWords) {
    const character = text[at]
    if (isBlank(character)) at++
    else if (character === '#' && words.length > 0)
      return { words, end: lineEnd(text, at), redirected }
    else if (isSeparator(character) || character === ')' || character === '`') break
    else if ((character === '<' || character === '>') && text[at + 1] !== '(') {
      redirected = /^[<>&]{1,2}\s{0,8}[\w./$&%~-]/.test(text.slice(at, at + 12))
      at += text[at + 1] === '&' || text[at + 1] === '>' ? 2 : 1
    } else {
      const end = endOfWord(text, at)
      const raw = text.slice(at, end)
      // `<x` before a command's name is where it reads from.
      if (!redirected || words.length > 0) words.push({ raw, plain: plainWord(raw) })
      at = Math.max(end, at + 1)
    }
  }
  return { words, end: at, redirected }
}

/** Where a comment ends. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

/** Where a word ends: at a blank or a separator that is not quoted, escaped or in a substitution. */
function endOfWord(text: string, start: number): number {
  const limit = Math.min(text.length, start + longestWord)
  let at = start
  while (at < limit) {
    const character = text[at]
    if (isBlank(character) || isSeparator(character)) return at
    if (character === '\\' || character === '^') at += 2
    else if (character === "'" || character === '"') at = past(text, at, limit)
    else if (character === '`') {
      if (text[at + 1] !== '`') return at
      at += 2
    } else if (character === '$' && text[at + 1] === '(') at = pastGroup(text, at + 1, limit)
    else if ((character === '<' || character === '>') && text[at + 1] === '(')
      at = pastGroup(text, at + 1, limit)
    else if (character === ')' || character === '<' || character === '>') return at
    else at++
  }
  return Math.min(at, limit)
}

/** Past the quote that closes; a quote that nothing closes quotes nothing. */
function past(text: string, open: number, limit: number): number {
  const close = text.indexOf(text[open] ?? '', open + 1)
  return close < 0 || close >= limit ? open + 1 : close + 1
}

function pastGroup(text: string, open: number, limit: number): number {
  let depth = 0
  for (let at = open; at < limit; at++) {
    if (text[at] === '(') depth++
    else if (text[at] === ')' && --depth === 0) return at + 1
  }
  return limit
}

/** `$(echo x)` in the middle of a word is x. */
const echoed = /\$\(\s{0,8}echo\s{1,8}["']?(\w{0,32})["']?\s{0,8}\)/g

/** What comes to nothing in a word: variables that are not set, substitutions that say nothing. */
const nothing = /[$<>]\(\)|``|\$\{[\w@*#!:-]{0,32}\}|\$(?:[\d@*#?!$_-]|\w{1,32})/g

/** The two empty, or all, quotes of a word, and what escapes its letters. */
const quoting = /\$?["']|[\\^](?=.)/g

/** What a shell makes of a word. */
export const plainWord = (raw: string): string =>
  /["'\\^$`<>]/.test(raw)
    ? raw.replace(echoed, '$1').replace(nothing, '').replace(quoting, '')
    : raw
