import { isFilter, isShell, isTelling, meaningOf } from './commands.ts'
import { hasArguments, isArgument, isControl, readsSecrets, runsAnother } from './evidence.ts'
import { type Standing, standingOf } from './standing.ts'
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
export function breakout(text: string, layers: number): number {
  let score = unquoted(text, layers > 0)
  for (const quote of ['"', "'"]) if (score < 0.9) score = Math.max(score, quoted(text, quote))
  return score
}

function unquoted(text: string, wrapped: boolean): number {
  const at = text.search(firstSeparator)
  if (at < 0 || isTable(text, at)) return 0
  const before = text.slice(0, at)
  const standing = standingOf(before)
  if (standing === 'command' && wrapped && text[at] === '\n' && !/\s/.test(before))
    return chain(text, at, 'value')
  if (standing === 'command' && isProbe(before) && /^[;|&](?!\s)/.test(text.slice(at))) return 0.6
  if (standing === 'command') return 0
  if ((text[at] === '\n' || text[at] === '\r') && /[\r\n]/.test(text.slice(at).trim())) return 0
  return chain(text, at, standing)
}

/** A command that is worth running alone, or the path of one, where a name was asked for. */
const isProbe = (before: string): boolean =>
  !/\s/.test(before) &&
  (isTelling(before, true) || /^[./]{0,64}(?:\w{1,16}\/){0,4}s?bin\/[\w.-]+$/.test(before))

/** A row of a Markdown table begins with what pipes the output of nothing. */
const isTable = (text: string, at: number): boolean =>
  text[at] === '|' &&
  text.slice(0, at).trim() === '' &&
  / \|(?:\s|$)/.test(text.slice(at + 1, at + 512))

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
  return meaningOf(name) === 'command' && hasArguments(command, name) ? 0.6 : 0
}

function chain(text: string, start: number, standing: Standing): number {
  let at = start
  for (let count = 0; count < mostCommands && at < text.length; count++) {
    const operator = operatorAt(text, at)
    while (isSeparator(text[at]) || text[at] === '(') at++
    const tight = at < text.length && text[at] !== ' ' && text[at] !== '\t'
    const command = readCommand(text, text[at] === '`' ? at + 1 : at)
    at = Math.max(command.end, at + 1)
    const [name] = command.words
    // Variables, parameters of an address, and separators in a row: the command is yet to come.
    if (name === undefined || /^[\w.[\]%-]{1,64}=/.test(name.raw)) continue
    const score = judge(command, standing, tight, operator)
    const innocent = score > 0 && (isListed(text, command, standing) || isGrouped(text, command))
    return innocent ? 0 : score
  }
  return 0
}

/** A separator, as far as it matters which: `&&` for `||` too, a new line for a carriage return. */
function operatorAt(text: string, at: number): string {
  const character = text[at] ?? ''
  if (character === '\r') return '\n'
  return (character === '&' || character === '|') && text[at + 1] === character ? '&&' : character
}

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

function judge(command: Command, standing: Standing, tight: boolean, operator: string): number {
  const [first] = command.words
  // A word in quotes is a text, as in the types of a language: 'name' | 'id'.
  if (first === undefined || /^(["']).*\1$/.test(first.raw)) return 0
  if (isControl(command) || /^(?:iex|invoke-expression)\(/i.test(first.plain)) return 0.8
  const name = first.plain
  // Only Windows takes capitals, and only Unix takes a new line for the end of a command.
  const capital = /^[A-Z]/.test(name)
  const meaning = capital && operator === '\n' ? undefined : meaningOf(name)
  if (capital && meaning === 'word' && operator === ';') return 0
  if (meaning === undefined) {
    if (runsAnother(command) || readsSecrets(command)) return 0.8
    return standing === 'nothing' && tight && operator !== '&' && operator !== '\n'
      ? unknown(command, name)
      : 0
  }
  const shown =
    hasArguments(command, name) || (command.redirected && command.words.length < (tight ? 5 : 3))
  if (standing === 'prose' || (standing === 'phrase' && !tight))
    return readsSecrets(command) && (tight || standing === 'phrase') ? 0.8 : 0
  // A filter at the end of a pipe only reads what it is given: a line that somebody wrote down.
  if (operator === '|' && !tight && isFilter(name)) return readsSecrets(command) ? 0.8 : 0
  if (shown) return meaning === 'command' ? 0.95 : 0.85
  if (command.words.length > 1) return vague(command, standing, tight, operator, meaning)
  const certain = standing === 'nothing' || standing === 'number' || tight || operator === '&&'
  if (isTelling(name, !certain)) return 0.8
  if (operator === '|' && isShell(name) && name === name.toLowerCase()) return 0.8
  return standing === 'nothing' && tight && meaning === 'command' ? 0.6 : 0
}

/** A command with words behind it that could be a sentence. */
function vague(
  { words }: Command,
  standing: Standing,
  tight: boolean,
  operator: string,
  meaning: 'command' | 'word',
): number {
  if (operator === '&' || operator === '\n') return 0
  if (standing === 'nothing') return tight || meaning === 'command' ? 0.7 : 0
  if (words[0]?.plain === 'echo') return tight && words.length === 2 ? 0.6 : 0
  return tight && meaning === 'command' && words.length < 4 ? 0.6 : 0
}

/** `;newtool -x`: any program will do where nothing stood before, given an option or a path. */
function unknown({ words }: Command, name: string): number {
  const [, first] = words
  const named = first !== undefined && words.length < 9 && /^[a-z][\w.-]{2,32}$/.test(name)
  return named && isArgument(first, name) ? 0.6 : 0
}
