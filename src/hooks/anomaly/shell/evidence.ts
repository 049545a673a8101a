import { namesSensitiveFile } from '../detectors/path-traversal/sensitive.ts'
import { isShell, isTelling, meaningOf, takesNumber } from './commands.ts'
import type { Command, Word } from './words.ts'

/** An option of Unix or of Windows. */
const option = /^(?:--?[a-z\d][\w-]{0,32}(?:[=:].*)?|\/[a-z?](?::.*)?)$/i

/** A path, a pattern of paths, a drive. */
const path = /^\/$|^(?:~|\.{1,2})?\/[\w.?*[/]|^[a-z]:(?:[\\/]|$)|^\\\\\w|^[\w.-]+\/[\w./?*-]+$/i

/** An address of the network. */
const address = /^(?:[\w.-]{1,64}@)?(?:\d{1,3}(?:\.\d{1,3}){3}|[a-z]{2,12}:\/\/\S|\[?::1)/i

/** A file by its name and ending, a host by its name; a sentence's last word has none. */
const file = /^[\w-]{1,64}(?:\.[\w-]{1,64}){0,6}\.[a-z][a-z\d]{0,8}(?:[/:]\S*)?$/i

/** What programs are asked for that take words: of Windows, but for the last three. */
const subjects: Readonly<Record<string, RegExp>> = {
  net: /^(?:users?|view|localgroup|group|share|use|accounts|session)$/i,
  reg: /^(?:query|add|delete|export|save)$/i,
  sc: /^(?:query|qc|stop|create|config)$/i,
  ip: /^(?:a|addr|address|r|route|link|neigh)$/,
  which: /^(?:nc|curl|wget|python\d?|perl|ruby|php|bash|gcc|nmap)$/,
  wmic: /^(?:process|os|service|useraccount|computersystem|product|qfe|logicaldisk)$/i,
  rundll32: /^\w+\.dll\b/i,
  dir: /^\w+:$/,
  ls: /^\*$/,
  cat: /^\*$/,
}

/** Whether a word is an argument, and no word of a sentence. */
export function isArgument(word: Word, command: string): boolean {
  const { raw, plain } = word
  return (
    option.test(raw) ||
    path.test(raw) ||
    path.test(plain) ||
    address.test(plain) ||
    file.test(plain) ||
    /^["']?[$`%][\w({]|^["'][^"']|^[<>]\(/.test(raw) ||
    (takesNumber(command) && /^\d{1,9}$/.test(plain)) ||
    (Object.hasOwn(subjects, command) && subjects[command]?.test(plain) === true) ||
    (plain.length > 2 && isTelling(plain, true))
  )
}

/** Whether a command's first two arguments are such. */
export const hasArguments = ({ words }: Command, name: string): boolean =>
  words.slice(1, 3).some((word) => isArgument(word, name))

/** Keywords of sh that something must follow which only follows them. */
const opening = /^(?:if|while|until|then|do|!|\{|\[\[?)$/

/** Whether a command is one by its keyword: `if [ 1 -eq 1 ]`, `[ -f x ]`, `{ id`. */
export function isControl({ words }: Command): boolean {
  const [keyword, second] = words
  if (!opening.test(keyword?.plain ?? '')) return false
  if (/^\]\]?$/.test(words.at(-1)?.raw ?? '') && keyword?.raw.startsWith('[')) return true
  if (/^[!{]$/.test(keyword?.raw ?? '') && meaningOf(second?.plain ?? '') === 'command') return true
  return words.length > 2 && words.slice(1, 6).some(({ raw }) => /^-[a-z]{1,2}$|^\$[({]/.test(raw))
}

/** Whether a command of the shell's own runs, or looks for, a program that is known. */
export const isWrapped = ({ words }: Command): boolean =>
  /^(?:exec|eval|command|builtin|coproc|trap|time|type|which|sudo|nohup|start)$/.test(
    words[0]?.plain ?? '',
  ) &&
  words.length < 4 &&
  meaningOf(words[1]?.plain ?? '') === 'command'

/** Whether an unknown program, or a variable, is told to run a command that is known. */
export function runsAnother({ words }: Command): boolean {
  const [first, second] = words
  if (first === undefined || second === undefined) return false
  if (/^\$\{?\w+\}?$/.test(first.raw) && meaningOf(second.plain) === 'command') return true
  return words.slice(1, 4).some(({ plain }) => isTelling(plain, true) || isShellOption(words))
}

/** `sh -c …`, however the program that runs it is called. */
const isShellOption = (words: readonly Word[]): boolean =>
  words.some(({ plain }, at) => isShell(plain) && /^[-/]c$/i.test(words[at + 1]?.plain ?? ''))

/** Whether any of a command's words names a file that only an attacker asks for. */
export const readsSecrets = ({ words }: Command): boolean =>
  words.some(({ plain }) => namesSensitiveFile(plain))
