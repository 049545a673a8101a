import type { Place } from '../finding.ts'
import { meaningOf } from '../shell/commands.ts'
import type { Detector } from '../view.ts'
import { isCommonTarget, isTried, namesSensitiveFile } from './path-traversal/sensitive.ts'
import { isOverlong, plainPath } from './path-traversal/spelling.ts'

/** No path without one of these. */
const path = /[\uefc8\uf025]|0x[25]|(?:boot|win)\.ini|\.ht|wp-config/i
const hasPath = (text: string): boolean =>
  text.includes('/') ||
  text.includes('\\') ||
  text.includes('..') ||
  (text.includes('%') && /[cC][01]|00/.test(text)) ||
  path.test(text)

/** A step up: two dots between separators, or more of them, which a filter makes two. */
const step = /(?:^|[^\w.])(?:\.{2}(?=[/;]|$)|\.{4,64}(?=\/))|\.\.\.\/\.(?=\/)|(?:\.\.\.\/){2}/g

/** Steps that lead nowhere, so many that a name is cut off behind them (CWE-22, Windows). */
const padding = /(?:\.\/){24}|(?:\/\.){24}/

/** No path is longer: of what is, the beginning and the end are read. */
const longest = 2048

/** What no site has an address for, in whichever folder. */
const secret =
  /(?:^|\/)\.(?:env(?:\.\w{1,16})?|git|svn|hg|aws|ssh|npmrc|vscode|docker\w{0,8}|bash\w{0,8})(?:\/|$)/i

/** What is in a repository, and what code imports. */
const source =
  /\.(?:[cm]?[jt]sx?|s?css|less|json|mdx?|html?|png|jpe?g|svg|gif|webp|vue|svelte|py|go|rs|rb|java|cs|[ch](?:pp)?|ya?ml)$/i

/**
 * Finds paths that lead out of the folder that is served, or to files that only an attacker asks for
 * (CWE-22, CWE-73). A relative import, a command, and a file that a sentence speaks of are honest.
 */
export const pathTraversal: Detector = ({ text: whole, layers, place }) => {
  if (!hasPath(whole)) return 0
  if (isOverlong(whole)) return 0.95
  const text =
    whole.length > longest ? whole.slice(0, longest / 2) + whole.slice(-longest / 2) : whole
  const plain = plainPath(text)
  if (padding.test(plain)) return 0.9
  const straight = plain.includes('/./') ? plain.replace(/\/(?:\.\/)+/g, '/') : plain
  const score = isWhole(straight) ? wholePath(straight, layers, place) : pathsWithin(straight)
  return Math.max(score, hasNullByte(text) ? 0.85 : 0)
}

/** Whether a text is nothing but a path: no sentence, no code. */
const isWhole = (text: string): boolean =>
  !/\s/.test(text.trim()) && !/[(){}<>"'`|]/.test(text.replace(placeholder, ''))

/** Where a list of attacks wants a name of a file. */
const placeholder = /\{[A-Za-z]{2,12}\}$/

/** The name of a parameter before an absolute path. */
const parameter = /^\w{1,16}=(?=\/)/

function wholePath(value: string, layers: number, place: Place): number {
  const text = value.includes('=/') ? value.replace(parameter, '') : value
  if (namesSensitiveFile(text)) return 0.95
  const depth = stepsIn(text)
  if (/^file:\/*[\w.]/i.test(text)) return source.test(text) ? 0 : 0.8
  if (depth === 0) {
    if (place === 'path' && secret.test(text)) return 0.9
    return isTried(text) ? 0.6 : 0
  }
  if (depth > 3 || isCommonTarget(text)) return 0.9
  if (source.test(text) && layers === 0 && (place === 'body' || depth === 1)) return 0
  if (depth > 1 || layers > 0) return 0.8
  // One step may lead to what somebody names, but not to a hidden file or around a proxy.
  if (/^\/?\.\.\/\.\w|\.\.;\//.test(text)) return 0.7
  return place === 'path' || (place !== 'body' && text.includes('/')) ? 0.6 : 0
}

/** As many words as are looked at: a path that is an attack is not one of many. */
const mostWords = 64

/** What parts words, and a path from the code around it. */
const parting = /[\s"'`(){}<>|]+/

/** Paths in a longer text: steps up to a secret file, or a command that shows one. */
function pathsWithin(text: string): number {
  let at = 0
  for (let count = 0; count < mostWords; count++) {
    const slash = text.indexOf('/', at)
    if (slash < 0) break
    const word = wordAround(text, slash)
    at = slash + Math.max(1, word.length - 1)
    const score = pathWithin(text, word)
    if (score > 0) return score
  }
  return 0
}

function pathWithin(text: string, word: string): number {
  const sensitive = namesSensitiveFile(word)
  const steps = stepsIn(word)
  if (steps > 0 && (sensitive || isCommonTarget(word))) return 0.9
  if (!sensitive && steps < 5) return 0
  const words = text.split(parting, 5).filter((part) => part !== '')
  const [first = '', second = ''] = words
  const command = first.replace(/^\w{1,16}=/, '')
  if (sensitive && meaningOf(command) !== undefined && (words.length <= 2 || endsCommand(second)))
    return 0.8
  if (sensitive && !/\s/.test(text.trim())) return 0.8
  return steps > 4 && words.length <= 3 && !source.test(word) ? 0.7 : 0
}

/** `cat /etc/passwd; …`: the file of the first command. */
const endsCommand = (word: string): boolean => /^\/[\w./-]{1,64}[;&]{1,2}$/.test(word)

/** How far a word reaches to either side of its slash. */
const reach = 512

function wordAround(text: string, slash: number): string {
  let start = slash
  while (start > 0 && slash - start < reach && !isParting(text.charCodeAt(start - 1))) start--
  let end = slash
  while (end < text.length && end - slash < reach && !isParting(text.charCodeAt(end))) end++
  return text.slice(start, end)
}

/** Blanks, quotes, brackets, `<`, `>` and `|`. */
const isParting = (code: number): boolean =>
  code <= 0x22 || (code >= 0x27 && code <= 0x29) || (code > 0x3b && parts.has(code))

const parts = new Set([...'<>`{|}'].map((sign) => sign.charCodeAt(0)))

function stepsIn(text: string): number {
  if (!text.includes('..')) return 0
  let count = 0
  for (const _ of text.matchAll(step)) if (++count > 4) break
  return count
}

/** A null byte that ends a path, or hides an ending that is allowed (CWE-626). */
const hasNullByte = (text: string): boolean => {
  const at = text.search(/%00|\0/)
  return (
    at > 0 &&
    /^[\w./\\ :~-]{2,256}$/.test(text.slice(0, at)) &&
    /[./\\]/.test(text.slice(0, at)) &&
    /^(?:%00|\0)[\w./-]{0,32}$/.test(text.slice(at))
  )
}
