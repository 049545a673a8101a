import { isTelling, meaningOf } from './commands.ts'
import { hasArguments } from './evidence.ts'
import { type Standing, standingOf } from './standing.ts'
import { judge, type Operator } from './verdict.ts'
import { type Command, isSeparator, readCommand } from './words.ts'

/** As many commands of one line as are looked at. */
const mostCommands = 12

/** What ends the value that was meant to be there. */
const firstSeparator = /[;|&\n\r]/

/** The rest of a quoted value and of the groups around it, up to a separator. */
const closing = /[\s)\]}'"]{0,8}(?=[;|&\n\r])/y

/**
 * How surely a text leaves its place in a command line and goes on with a command (CWE-78): a value,
 * a separator, a command. A line that begins with a command is one that somebody wrote down.
 */
export function breakout(written: string, layers: number): number {
  const text = written.includes('\\') ? withLineEnds(written) : written
  let score = unquoted(text, layers > 0)
  for (const quote of ['"', "'"]) if (score < 0.9) score = Math.max(score, quoted(text, quote))
  return score
}

/** A value that begins or ends with the escape of a line's end will have one. */
const withLineEnds = (text: string): string =>
  text.replace(/^(?:\\r)?\\n/, '\n').replace(/(?:\\r)?\\n$/, '')

function unquoted(text: string, wrapped: boolean): number {
  const at = text.search(firstSeparator)
  if (at < 0 || isTable(text, at)) return 0
  const before = text.slice(0, at)
  const standing = standingOf(before)
  // Behind prose only a command counts that follows at once.
  if (standing === 'prose' && /[ \t]/.test(text[at + 1] ?? '')) return 0
  const newLine = text[at] === '\n' || text[at] === '\r'
  if (standing === 'command') {
    // Nobody encodes the end of a line who writes down two commands.
    if (newLine && wrapped && !/\s/.test(before)) return chain(text, at, 'value')
    return isProbe(before) && /[;|&]/.test(text[at] ?? '') && !/\s/.test(text[at + 1] ?? '')
      ? 0.6
      : 0
  }
  return newLine && hasMoreLines(text, at) ? 0 : chain(text, at, standing)
}

const blanks = /\s*/y
const line = /[^\r\n]*/y

/** Whether there is more than one line behind the end of one. */
function hasMoreLines(text: string, at: number): boolean {
  const end = past(line, text, past(blanks, text, at))
  return past(blanks, text, end) < text.length
}

/** A command that is worth running alone, or the path of one, where a name was asked for. */
const isProbe = (before: string): boolean =>
  !/\s/.test(before) &&
  (isTelling(before, true) || /^[./]{0,64}(?:\w{1,16}\/){0,4}s?bin\/[\w.-]+$/.test(before))

/** A row of a Markdown table begins with what pipes the output of nothing. */
const isTable = (text: string, at: number): boolean =>
  text[at] === '|' &&
  text[at + 1] !== '|' &&
  !/^\|[\w/]{1,32}\|$/.test(text.slice(at, at + 40)) &&
  text.slice(0, at).trim() === '' &&
  /^[^\n]{0,2048}\|[ \t]{0,64}(?:\n|$)/.test(text.slice(at + 1, at + 2200))

/**
 * The first quote of a text, where it can only close what the service opened: it ends a word or the
 * value, and a separator follows.
 */
function quoted(text: string, quote: string): number {
  const at = text.indexOf(quote)
  if (at < 0 || /[\s([{,:]/.test(text[at - 1] ?? '')) return 0
  closing.lastIndex = at + 1
  if (closing.test(text)) return chain(text, closing.lastIndex, at === 0 ? 'nothing' : 'number')
  return at === 0 && /^["'] ?[a-z]/.test(text) ? resumed(text) : 0
}

/** `" ping -n 9 10.0.0.1`: a command goes on where a quoted argument ended. */
function resumed(text: string): number {
  if (text.indexOf(text[0] ?? '', 1) > 0) return 0
  const command = readCommand(text, 1)
  const name = command.words[0]?.plain ?? ''
  if (isTelling(name, true) && command.words.length === 1) return 0.6
  return meaningOf(name) === 'command' && hasArguments(command, name) ? 0.6 : 0
}

const separators = /[;|&\n\r(+]*/y

/** Where a run of characters ends. */
function past(run: RegExp, text: string, at: number): number {
  run.lastIndex = at
  run.test(text)
  return run.lastIndex
}

/** The first command behind a separator, past the variables that are set before it. */
function chain(text: string, start: number, standing: Standing): number {
  let at = start
  for (let count = 0; count < mostCommands && at < text.length; count++) {
    const operator = operatorAt(text, at)
    at = past(separators, text, at)
    const tight = at < text.length && text[at] !== ' ' && text[at] !== '\t'
    const command = readCommand(text, text[at] === '`' ? at + 1 : at)
    at = Math.max(command.end, at + 1)
    const [name] = command.words
    // Variables, parameters of an address, and separators in a row: the command is yet to come.
    if (name === undefined || /^[\w.[\]%-]{1,64}=/.test(name.raw)) continue
    const followed = command.words.length === 1 && isFollowed(text, command)
    const score = judge(command, { standing: followed ? 'number' : standing, tight, operator })
    const innocent = score > 0 && (isListed(text, command, standing) || isGrouped(text, command))
    return innocent ? 0 : score
  }
  return 0
}

function operatorAt(text: string, at: number): Operator {
  const character = text[at]
  if (character === '\r' || character === '\n') return '\n'
  if (character !== '&' && character !== '|') return ';'
  return text[at + 1] === character ? '&&' : character
}

/** Whether another command comes behind one: two are no chance. */
const isFollowed = (text: string, { end }: Command): boolean =>
  isSeparator(text[end]) &&
  meaningOf(readCommand(text, end + 1).words[0]?.plain ?? '') === 'command'

/** One word in a list of words that are no commands: `name;id;email`. */
function isListed(text: string, { words, end }: Command, standing: Standing): boolean {
  if (standing === 'nothing' || words.length > 1 || end + 1 >= text.length) return false
  if (/\s/.test(text[end - 1] ?? '')) return false
  const next = readCommand(text, end + 1).words[0]?.plain ?? ''
  return /^\w/.test(next) && meaningOf(next) === undefined
}

/** The last of some words in parentheses, as in a pattern: `(cp|cmd)( +)`. */
const isGrouped = (text: string, { words, end }: Command): boolean =>
  words.length === 1 && text[end] === ')' && /^\)[^\s;|&)'"]/.test(text.slice(end, end + 2))
