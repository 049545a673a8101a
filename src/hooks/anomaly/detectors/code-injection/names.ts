import { hasAny, type Sign } from '../../places.ts'

/** Java's names. */
const java: readonly Sign[] = [
  // The class loader by way of a bean's properties (CVE-2022-22965).
  ['class', /\bclass(?:\.(?:module\.)?classloader\b|\[['"]?(?:module|classloader))/y],
  // What is called by its full name, as code has it that has no imports; no line of a stack trace.
  [
    'java',
    /\bjava\.lang\.(?:runtime|processbuilder|system|class|thread|reflect\.\w{1,20})\s{0,4}\)?\s{0,4}\.\s{0,4}(?:getruntime|forname|getproperty|exit|getmethod|newinstance|sleep|getenv|currentthread)\s{0,4}\((?!\w{1,80}\.java|native|unknown)|(?<=\bnew\s{1,4})java\.(?:lang\.processbuilder|io\.file\w{0,20}|net\.url\w{0,20}|util\.scanner|net\.socket)\b|javax\.script\.scriptenginemanager\b(?!\.)/y,
  ],
]

/** Node.js: modules without `require`. */
const node: readonly Sign[] = [
  ['mainmodule', /mainmodule\s{0,4}(?:\.\s{0,4}constructor\.\w{1,20}\s{0,4}\(\s{0,4}[^\s)]|\[)/y],
  ['.process.', /(?<=\b(?:global|globalthis|this|root))\.process\.(?:mainmodule|exit|kill|env)/y],
  ['require.main', /\brequire\.main\./y],
]

/** Behind a dot goes a name; the look for it is quick for as long as there are few dots. */
const member = /\.[a-z]/
const short = 512

const hasMembers = (lower: string): boolean =>
  lower.length > short || member.test(lower) || lower.includes('[')

/** How surely a text names, with a full name, what an attacker gets hold of a server by. */
export const scoreOfNames = (lower: string): number =>
  hasMembers(lower) && (hasAny(lower, java) || hasAny(lower, node)) ? 0.85 : 0
