import type { Calls } from './calls.ts'
import { phpCallers, phpFunctions } from './php-functions.ts'

/** Always an attack's, in texts without comments, white space and the seams of joined strings. */
const always: readonly RegExp[] = [
  // A function by its name in a string, in brackets or without its errors.
  new RegExp(`(?<![\\w.])[([{]["']?(?:${phpFunctions})["']?[\\])}](?:\\[0\\]|\\{0\\}|\\)){0,4}\\(`),
  new RegExp(
    `['"](?:${phpFunctions})['"]\\(['"$]|=['"](?:${phpFunctions})['"];.{0,80}\\(?\\$\\w{1,20}\\)?\\(|define\\(['"]\\w{1,20}['"],['"](?:${phpFunctions})['"]\\)`,
  ),
  /(?<![\w.$])(?:strrev|implode|join|base64_decode|str_rot13|hex2bin)\([^()]{1,120}\)\(['"$]/,
  new RegExp(`(?<![\\w.@])@(?:${phpFunctions})\\(|\\$\\{@(?:${phpFunctions}|print|printf)\\(`),
  /\(\w{1,20}\)(?:\[\d\]){1,4}\(/,
  // A name that is spelled in numbers or by its complement.
  /["'](?:[^"'\\]{0,20}\\(?:x[0-9a-f]{2}|[0-7]{3})){1,40}[^"'\\]{0,20}["'][\])}]?\(|\(~["']?(?:%[89a-f][0-9a-f]|[\u0080-\uffff]){3,40}["']?\)\(/,
  new RegExp(
    `(?:${phpCallers})\\(['"]?(?:${phpFunctions})\\b|(?:array_filter|usort|uasort|uksort|array_walk|array_reduce)\\([^()]{1,40},['"](?:${phpFunctions})['"]`,
  ),
  // Code that comes with the request, or is wrapped up.
  new RegExp(
    `(?<![\\w.$])(?:${phpFunctions}|include|include_once|require|require_once)\\(?@?\\$_(?:get|post|request|cookie|server|files)\\b|(?:show_source|highlight_file|readfile|include)\\(__file__`,
  ),
  /\$_(?:get|post|request|cookie|server)\[[^\]]{0,40}\]\(/,
  /(?<![\w.$])(?:eval|assert)\(["'@]?(?:base64_decode|gzinflate|gzuncompress|str_rot13|hex2bin|strrev|chr\(|stripslashes|\$_|\?>)/,
  /preg_replace\(['"](.)[^'"]{0,60}\1[imsx]{0,4}e[imsx]{0,4}['"],/,
  /create_function\(['"]{2},/,
  // A shell's command line in a call that hands it to a shell, or a function in an expression.
  /(?<![\w.$])(?:system|passthru|shell_exec)\(['"`][^'"]{0,80}[;|&`][^'"]{0,20}\b/,
  /\{\$\{@?[a-z_]\w{2,24}\(/,
  // A statement that begins with what the request brings.
  /^[;{]{1,3}\$_(?:get|post|request|cookie)\[/,
]

/** A name that is put together from bare words: `(sy.(st).em)(`. */
const words = /\(([a-z_]{1,12}(?:\.\(?[a-z_]{1,12}\)?){1,8})\)\(/g

const functions: ReadonlySet<string> = new Set(phpFunctions.split('|'))

const isJoinedName = (text: string): boolean =>
  text.includes(')(') &&
  [...text.matchAll(words)].some(([, name = '']) => functions.has(name.replace(/[^a-z_]/g, '')))

/** Texts up to that length are read whole; of longer ones what is around the calls. */
const short = 512
const before = 128
const behind = 192

/** Stretches of a long text that are read, around each of the two sorts of calls. */
const mostStretches = 3

/** How surely a text is PHP that an attacker wants run. */
export function scoreOfPhp(lower: string, { php, disguised }: Calls): number {
  const requests = lower.includes('$_') ? [lower.indexOf('$_'), lower.lastIndexOf('$_')] : []
  if (lower.includes('{${')) requests.push(lower.indexOf('{${'))
  const places = [php, disguised, requests].filter(({ length }) => length > 0)
  if (places.length === 0) return 0
  const stretches = lower.length <= short ? [lower] : places.flatMap((sort) => around(lower, sort))
  for (const stretch of stretches) {
    const text = compact(stretch)
    if (always.some((pattern) => pattern.test(text)) || isJoinedName(text)) return 0.9
  }
  return 0
}

/** What is around the places, which are in order; no part of it twice. */
function around(lower: string, places: readonly number[]): string[] {
  const stretches: string[] = []
  let seen = -1
  for (const place of places) {
    if (place < seen) continue
    if (stretches.length >= mostStretches) break
    stretches.push(lower.slice(Math.max(0, place - before), place + behind))
    seen = place + behind - 32
  }
  return stretches
}

/** Without comments and white space, `'sys' . 'tem'` joined. */
const compact = (text: string): string =>
  withoutComments(text)
    .replace(/\s+/g, '')
    .replace(/(?<=\w)(['"])\.\1(?=\w)/g, '')

function withoutComments(text: string): string {
  let result = ''
  let from = 0
  for (let open = text.indexOf('/*'); open >= 0; open = text.indexOf('/*', from)) {
    const close = text.indexOf('*/', open + 2)
    if (close < 0) break
    result += text.slice(from, open)
    from = close + 2
  }
  return result + text.slice(from)
}
