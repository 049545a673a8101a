import { phpCallers, phpFunctions } from './php-functions.ts'

/** What an attack goes on with, in one language of servers or another. */
const goesOn = [
  `@?(?:${phpFunctions}|${phpCallers}|include|require_once)\\s{0,4}\\(`,
  // Something is written that shows whether it was computed; or a command's output.
  '(?:print|echo|puts|printf|p|write|die|exit|return|say)\\b\\s{0,4}\\(?\\s{0,4}(?:\\d{1,12}\\s{0,4}[*+-]|`|\\$?\\(?(?:md5|chr|sha1)\\s{0,4}\\()',
  '(?:print|printf|sleep|usleep|exit)\\s{0,4}\\(',
  '(?:response|res|resp)\\.(?:write|end|send|flush|redirect)\\s{0,4}\\(|system\\.out\\.print|console\\.writeline',
  '(?:thread|time)\\.sleep\\s{0,4}\\(|while\\s{0,4}\\(\\s{0,4}(?:1|true|!0)\\s{0,4}\\)|(?:var\\s{1,4}\\w{1,20}\\s{0,4};\\s{0,4}){0,4}var\\s{1,4}\\w{1,20}\\s{0,4}=\\s{0,4}new\\s{1,4}date\\b',
  'import\\s{1,4}(?:os|sys|time|subprocess|socket)\\b|__import__\\s{0,4}\\(',
  '(?:os|io)\\.(?:system|popen|execute|exit)\\s{0,4}\\(|process\\.(?:exit|kill|env|mainmodule|abort)\\b|require\\s{0,4}\\(\\s{0,4}[\'"`]|(?:global|globalthis|this)\\.process\\b',
  '(?:kernel|io|file|dir|process)\\.(?:exec|system|popen|read|open|entries|spawn|start)\\b|%x[({[/|!]',
  '(?:new\\s{1,4}processbuilder|runtime\\.getruntime|java\\.lang\\.)\\b|\\$\\{\\s{0,4}@?(?:print|eval|phpinfo|system)\\s{0,4}\\(',
].join('|')

/** The first quote of a text ends the page's string, and code goes on behind an operator. */
const behindQuote = new RegExp(
  `^[^'"]{0,40}['"]\\s{0,4}(?:[)\\]};.,|&+^*%<>=?:-]{1,8}(?:\\s{0,2}[;.+|&)-]){0,4}|(?:and|x?or)\\b)\\s{0,4}(?:${goesOn})`,
)

/**
 * The page's statement ends at the beginning of a text, behind a number or an argument's end; behind
 * a brace it is a piece of a program.
 */
const behindStatement = new RegExp(
  `^\\s{0,4}(?:\\d{1,10}|[a-z]{0,8})\\s{0,2}[)\\]]{0,6};[; ]{0,4}(?:${goesOn})`,
)

/** Breaks are at the beginning; commands are longer, but not what tells them. */
const beginning = 240

/** How surely a text ends what it stands in within a program of the server, and goes on as code. */
export function scoreOfBreak(lower: string): number {
  const start = lower.length > beginning ? lower.slice(0, beginning) : lower
  if (behindQuote.test(start)) return 0.75
  return start.includes(';') && behindStatement.test(start) ? 0.75 : 0
}
