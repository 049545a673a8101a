import { isShell, isTelling, meaningOf, takesNumber } from './commands.ts'
import { hasArguments, readsSecrets } from './evidence.ts'
import { standingOf } from './standing.ts'
import { type Command, readCommand } from './words.ts'

/** As many as are looked at: those of honest code come in numbers, too. */
const most = 8

/**
 * How surely a text has the shell run a command in the middle of it: `$(id)`, `<(id)`, `` `id` ``.
 * In a line that begins with a command that is how lines are written, and in Markdown backticks
 * are how commands are named.
 */
export function substitution(text: string, layers: number): number {
  if (!/[`$<>]/.test(text)) return 0
  let score = 0
  let at = -1
  for (let count = 0; count < most && score < 0.9; count++) {
    at = nextOpening(text, at + 1)
    if (at < 0) break
    if (text[at] !== '`') score = Math.max(score, parenthesised(text, at))
    else {
      score = Math.max(score, ticked(text, at, layers > 0))
      const close = text.indexOf('`', at + 1)
      if (close < 0) break
      at = close
    }
  }
  return score
}

const opening = /`|[$<>]\(/g

function nextOpening(text: string, from: number): number {
  opening.lastIndex = from
  return opening.exec(text)?.index ?? -1
}

/** How the name of a command begins. */
const naming = /\s{0,8}[\w./\\~+-]/y

function parenthesised(text: string, at: number): number {
  naming.lastIndex = at + 2
  if (!naming.test(text)) return 0
  const command = readCommand(text, at + 2)
  const name = command.words[0]?.raw ?? ''
  if (meaningOf(name) === undefined || /[A-Z(]/.test(name)) return 0
  if (readsSecrets(command) || (takesNumber(name) && isProbe(command, name))) return 0.8
  if (isShell(name) && /^-c$/.test(command.words[1]?.raw ?? '')) return 0.8
  // `<(cat x)` is nothing but a shell's, if it is closed; `$(date x)` may be jQuery's.
  if (text[at] === '$' ? !isRun(command, name) : text[at] === '>' || !isShort(command, text))
    return 0
  const before = text.slice(Math.max(0, at - 300), at)
  if (before.endsWith('<<<')) return 0.8
  // `x=$(cmd)` is how a script keeps what a command said.
  if (/^\s{0,64}[a-z_]\w{0,64}=\S{0,128}$/i.test(before)) return 0
  const standing = standingOf(before)
  if (standing === 'nothing' || standing === 'number' || standing === 'value') return 0.9
  return standing === 'phrase' && isTelling(name, true) ? 0.7 : 0
}

function ticked(text: string, at: number, wrapped: boolean): number {
  const command = readCommand(text, at + 1)
  const name = command.words[0]?.raw ?? ''
  if (text[command.end] !== '`' && !/[;|&\n]/.test(text[command.end] ?? '')) return 0
  const before = text.slice(Math.max(0, at - 300), at)
  const glued = /[^\s([{:,"'>=$`]$/.test(before)
  if (glued && name === 'echo' && command.words.length === 2) return 0.7
  if (!isRun(command, name) || /[A-Z]/.test(name)) return 0
  const last = /^`[\s"';|&#)]{0,16}$/.test(text.slice(command.end, command.end + 18))
  const alone = last && /^[\s"';|&)$(]{0,16}$/.test(before)
  if (!glued && !alone) return last && readsSecrets(command) && /^\S+ $/.test(before) ? 0.7 : 0
  if (isProbe(command, name)) return 0.8
  // Nobody encodes Markdown, nor does it stand inside of a word.
  const shown = meaningOf(name) === 'command' && hasArguments(command, name)
  return shown && (glued || wrapped) ? 0.7 : 0
}

/** Whether a substitution is closed after a few words. */
const isShort = ({ words, end }: Command, text: string): boolean =>
  words.length < 4 && text[end] === ')'

/** Whether what stands in a substitution is a command, and no word of a language. */
function isRun(command: Command, name: string): boolean {
  const meaning = meaningOf(name)
  if (meaning !== 'word') return meaning === 'command'
  if (hasArguments(command, name) || command.redirected) return true
  return command.words.length === 1 && isTelling(name, false)
}

/** What proves that a command ran, rather than what somebody tells another to run. */
const isProbe = (command: Command, name: string): boolean =>
  readsSecrets(command) || isHarmless(command, name)

/** What an attacker runs to see whether it runs. */
const isHarmless = ({ words }: Command, name: string): boolean =>
  (words.length === 1 && isTelling(name, false)) ||
  (takesNumber(name) && /^(?:-\w )?[\w.]+$/.test(words[1]?.plain ?? '')) ||
  words.some(({ plain }) => /^\d{1,3}(?:\.\d{1,3}){3}/.test(plain))
