import { isFilter, isShell, isTelling, meaningOf } from './commands.ts'
import {
  hasArguments,
  isArgument,
  isControl,
  isWrapped,
  readsSecrets,
  runsAnother,
} from './evidence.ts'
import type { Standing } from './standing.ts'
import type { Command } from './words.ts'

/** A separator, as far as it matters which: `&&` for `||` too, a new line for a carriage return. */
export type Operator = ';' | '|' | '&' | '&&' | '\n'

/** Where a command stands. */
export interface Position {
  /** What stands before the separator. */
  readonly standing: Standing
  /** Whether no blank follows the separator: few who write a sentence do that. */
  readonly tight: boolean
  readonly operator: Operator
}

/** How surely what stands behind a separator is a command that an attacker wants to be run. */
export function judge(command: Command, position: Position): number {
  const name = command.words[0]
  if (name === undefined) return 0
  // A word in quotes is a text, as in the types of a language: 'name' | 'id'.
  if (/^(["']).*\1$/.test(name.raw))
    return meaningOf(name.plain) === 'command' && hasArguments(command, name.plain) ? 0.6 : 0
  if (isControl(command) && (position.tight || position.standing !== 'prose')) return 0.8
  if (isWrapped(command) && position.tight && position.standing !== 'prose') return 0.7
  if (isLocal(name.raw, command, position)) return 0.6
  if (/^(?:iex|invoke-expression)\(/i.test(name.plain)) return 0.8
  if (position.standing !== 'prose' && callsSystem.test(name.raw)) return 0.7
  const meaning = meaningAt(name.plain, position)
  return meaning === undefined
    ? unknown(command, name.plain, position)
    : known(command, name.plain, meaning, position)
}

/** A function of PHP where a command could be, with a text or nothing for its argument. */
const callsSystem = /^(?:system|shell_exec|passthru|exec|popen|eval|phpinfo|phpversion)\((?:['"]|$)/

/** A program where an attacker may have put one, behind what is no list of paths. */
const isLocal = (name: string, { words }: Command, { standing, tight }: Position): boolean =>
  tight &&
  standing !== 'prose' &&
  standing !== 'phrase' &&
  (/^(?:\.|~|\/tmp|\/var\/tmp|\/dev\/shm)\/[\w.-]{1,64}$/.test(name) ||
    (name === '.' && words.length === 2 && /^[.~/]/.test(words[1]?.plain ?? '')) ||
    /^[a-z]\w{1,24}\.exe$/i.test(name))

/** Only Windows takes capitals, and only Unix takes a new line, or mostly `;`, for a separator. */
function meaningAt(name: string, { operator }: Position): 'command' | 'word' | undefined {
  const meaning = meaningOf(name)
  if (!/^[A-Z]/.test(name)) return meaning
  return operator === '\n' || (operator === ';' && meaning === 'word') ? undefined : meaning
}

/** Any program will do that runs one that is known, or that has an option where little stood before. */
function unknown(command: Command, name: string, { standing, tight, operator }: Position): number {
  if (standing === 'prose') return 0
  if (/^%\w{1,32}%$/.test(name) && hasArguments(command, name)) return 0.8
  if (runsAnother(command) || readsSecrets(command)) return 0.8
  if (operator === '&' || operator === '\n') return 0
  const [, first] = command.words
  if (first === undefined || command.words.length > 8) return 0
  const bare = (standing === 'nothing' && tight) || standing === 'number'
  return bare && /^[a-z][\w.-]{2,32}$/.test(name) && isArgument(first, name) ? 0.6 : 0
}

function known(
  command: Command,
  name: string,
  meaning: 'command' | 'word',
  position: Position,
): number {
  const { standing, tight, operator } = position
  if (standing === 'prose') return tight && readsSecrets(command) ? 0.8 : 0
  // A filter at the end of a pipe only reads what it is given: a line that somebody wrote down.
  const written = standing === 'phrase' || (operator === '|' && isFilter(name))
  if (written && !tight) return readsSecrets(command) ? 0.8 : 0
  const { length } = command.words
  if (hasArguments(command, name) || (command.redirected && length < (tight ? 5 : 3)))
    return meaning === 'command' ? 0.95 : 0.85
  return length > 1 ? vague(length, name, meaning, position) : alone(name, meaning, position)
}

/** A command with words behind it that could be a sentence. */
function vague(
  length: number,
  name: string,
  meaning: 'command' | 'word',
  { standing, tight, operator }: Position,
): number {
  if (operator === '&' && tight && name === 'echo' && length === 2) return 0.6
  if (operator === '&' || operator === '\n') return 0
  if (standing === 'nothing')
    return tight || meaning === 'command' || (operator === '&&' && length === 2) ? 0.7 : 0
  if (!tight) return 0
  return (name === 'echo' ? length === 2 : meaning === 'command' && length < 4) ? 0.6 : 0
}

/** A command with nothing behind it. */
function alone(
  name: string,
  meaning: 'command' | 'word',
  { standing, tight, operator }: Position,
): number {
  // `b&w` is no two commands.
  if (operator === '&' && name.length === 1) return 0
  const certain = standing === 'nothing' || standing === 'number' || tight || operator === '&&'
  if (isTelling(name, !certain)) return 0.8
  if (operator === '|' && isShell(name) && name === name.toLowerCase()) return 0.8
  return standing === 'nothing' && tight && meaning === 'command' ? 0.6 : 0
}
