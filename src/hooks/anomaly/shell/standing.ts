import { meaningOf } from './commands.ts'

/**
 * What stands before the first separator: nothing but what closes something, a number or an address
 * or a name of a file, one word, a few words, a sentence or code, or a command.
 */
export type Standing = 'nothing' | 'number' | 'value' | 'phrase' | 'prose' | 'command'

/** What begins a line of a script, or stands before one in a note: prompts, keywords, comments. */
const scripting =
  /^(?:[$#>%]|\[\[?|PS |C:\\|if|for|while|until|case|do|then|else|function|echo|export|set|sudo|return|throw|break|continue|FROM|RUN|CMD)$/

/** A number, an address of the network, a telephone number, a file: what services hand to commands. */
const argument = /^[+-]?[\d.:-]+$|^[\w.-]+\.[a-z]{2,5}(?:\/\S*)?$|^\w*[_\d]\w*$/i

/** Says what stands before a separator. */
export function standingOf(before: string): Standing {
  const text = before.slice(0, closedFrom(before)).trimStart()
  // The fence of a block of code in Markdown.
  if (before.includes('`')) return 'prose'
  if (text === '' || text === '$') return 'nothing'
  if (text.length > 256) return 'prose'
  const words = text.split(/\s+/, 6)
  return words.length === 1 ? standingOfWord(text, /\s$/.test(before)) : standingOfWords(words)
}

/** Where the blanks, quotes and brackets begin that a text ends with. */
function closedFrom(text: string): number {
  let end = text.length
  while (end > 0 && ' \t\n\r\'"`)]}+'.includes(text[end - 1] ?? '')) end--
  // A call of nothing closes what it opened.
  return end === 1 && text[0] === '(' ? 0 : end
}

/** What runs another command: alone, before a separator, it is there for the filter only. */
const idle = /^(?:time|nohup|exec|eval|command|builtin)$/

function standingOfWord(word: string, spaced: boolean): Standing {
  if (idle.test(word)) return 'nothing'
  if (word.startsWith('./')) return 'command'
  if (argument.test(word)) return 'number'
  if (scripting.test(word) || /^[$#]|^\w+=["']?\$[\w{(]|[({<]|[,:]$/.test(word)) return 'prose'
  const meaning = meaningOf(word)
  return meaning === 'command' || (meaning === 'word' && spaced) ? 'command' : 'value'
}

function standingOfWords(words: readonly string[]): Standing {
  const [first = '', ...rest] = words
  const name = /^\w+=/.test(first) ? (rest[0] ?? '') : first
  if (scripting.test(first) || meaningOf(name) === 'command') return 'command'
  if (rest.some((word) => /^--?[a-z]|\//i.test(word))) return 'command'
  return words.length <= 3 && words.every((word) => /^[\p{L}\d'’.-]+$/u.test(word))
    ? 'phrase'
    : 'prose'
}
