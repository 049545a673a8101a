import { hasAny, type Sign } from '../places.ts'
import { isAttackCall, isFunction } from './words.ts'

/** What SQL of attacks has in it, however broken the rest is, tried where its word stands. */
const signs: readonly Sign[] = [
  // A union that asks for the version, or whose end hides the rest of the statement.
  [
    'union',
    /union\s{1,8}(?:all\s{1,8}|distinct\s{1,8})?select\b[^\n;]{0,160}?(?:@@\w|\bversion\s?\(\s?\)|\bbanner\b|--\s{0,4}\w{0,4}['"]?\s{0,4}$)/y,
  ],
  // A condition that always holds, and a comment.
  ['or', /(?<=[\s)'"])or\s{1,4}(['"]?)(\d{1,9})\1\s{0,2}=\s{0,2}\1\2(?!\d)['"]?\s{0,4}(?:--|#)/y],
  // Texts that are spelt by numbers.
  ['chr(', /chr\(\s{0,2}\d{1,3}\s{0,2}\)\s{0,4}(?:\+|\|\|)\s{0,4}chr\(/y],
  ['char(', /char\(\s{0,2}(?:\d{1,3}|0x[\da-f]{2})\s{0,2}\)\s{0,4}(?:\+|\|\|)\s{0,4}n?char\(/y],
  // A number that MySQL takes to end where the word begins.
  ['union', /(?<=\b0x|\d[ef.]|\\n)union\s{1,8}(?:all\s{1,8})?select\b/y],
  ['cast', /cast\s?\(\s?0x[\da-f]{8}/y],
  ['load_file', /load_file\s{0,4}\(\s{0,4}(?:0x|char\()/y],
  ['declare', /(?<=^[^'"]{0,40}['"]\s?)declare\s{1,4}@\w/y],
  [
    'union',
    /union\s{1,8}(?:all\s{1,8})?(?:exec\s{1,4}\w|select\b[^\n;]{0,96}\binformation_schema\b|\(\s{0,4}select\s[^()]{1,64}\sfrom\s\w{1,32}\s(?:limit|where)\b)/y,
  ],
  ['concat', /concat(?:_ws)?\s{0,4}\(\s{0,4}0x[\da-f]{2}/y],
  // A statement that keeps the database busy.
  [
    'benchmark',
    /benchmark\s{0,4}\(\s{0,4}\d{3,12}[\s/*\d]{0,16},\s{0,4}(?:md5|sha\d?|encode|rand|char|\()/y,
  ],
]

/** Keywords in whose middle a comment hides them. */
const keywords = ['union', 'select', 'insert', 'update', 'delete', 'sleep', 'information_schema']

/** Texts that are nothing but the piece of an attack: a call that waits, a name that was cut off. */
const pieces: readonly RegExp[] = [
  /^\s{0,4}(?:select\s{1,4})?(?:pg_sleep|sleep)\s?\(\s?\d{1,6}\s?\)[\s;#-]{0,8}$/,
  /^\s{0,4}(?:benchmark|pg_sleep|load_file|extractvalue|updatexml|utl_\w{2,8}\.\w{2,32}|dbms_\w{2,16}\.\w{2,32})\s?\(\s{0,4}$/,
  /^[\s)'"]{0,8}(?:from|and|or|where)\b[^.]{0,40}information_schema/,
  /^\s{0,4}(?:select|declare|drop|insert|exec|update|delete|union|alter|create)\/\*[^*]{0,32}\*\//,
  // A value that a comment follows, and nothing that it was compared with.
  /^[\s(-]{0,8}\d{1,16}(?:\s?[*+/%-]\s?\d{1,16}){0,4}\s?\)?\s?(?:--\s?[-+]?|\/\*)$/,
  /^@{1,2}\w{1,32}\s?--$/,
  /^\s{0,4}\((?:\s{0,2}(?:binary\b|'\w{0,4}'|@\w{1,4}|\d{1,4}|[()*])){1,24}\s{0,4}\)\s{0,4}--[\s-]{0,4}$/,
  // A set operation behind a number that no row has, or behind signs.
  /^-\d{1,16}\s{1,4}(?:union|order|select)(?:\s|\/\*|$)/,
  /^[^a-z\s*#>(-][^\n]{0,40}\bunion\s{1,4}(?:all\s{1,4})?select\b/,
  // A subquery or a call that is all there is, and asks for what the server knows.
  /^\(\s?select\s{1,4}(?:top\s\d{1,4}\s)?[\w.,*()\s':]{1,96}\sfrom\s{1,4}[\w.$]{1,48}[^()]{0,64}\)\s?(?:--|\/\*|#)?[\s-]{0,4}$/,
  /^(?:ascii|length|conv|hex|substr(?:ing)?|mid|ord|left|right|compress|md5|char_length|unhex|bin)\([^;]{0,64}\b(?:version|user|database|schema|current_user|session_user|system_user)\s?\(\s?\)/,
  /^-?\d{1,16}\s?[-+*/%]\s?[\d\s(./*+-]{0,16}(?:ascii|ord|length|substr(?:ing)?|mid|hex|conv)\s?\(/,
  // The end of a subquery, a comparison that the statement goes on from.
  /^\)\s{0,4}as\s{1,4}['`"]?\w{1,40}['`"]?\s{1,4}from$/,
  /^\s{0,4}(?:x?or|and)\s{1,4}(?:'[^']{0,32}'|\d{1,12})\s{0,4}[<>=]{1,2}\s{0,4}$/,
  /^\d{1,12}\s{0,4}(?:<=>|\s(?:like|rlike|regexp|is not)\s)\s{0,4}\d{1,12}$/,
  // A statement right behind the quote that begins the text.
  /^['"`]\s?(?:create|drop|alter|truncate|grant|insert\s{1,4}into|delete\s{1,4}from)\s{1,4}\w[^;]{1,128}(?:--|#|;)[\s-]{0,4}$/,
  // A value that ends its quote and its statement.
  /^[\w.+-]{1,64}@[\w.-]{1,64}\\?['"`]\s?(?:\/\*[^*]{0,32}\*\/)?;$/,
  // PostgreSQL's casts of what a call gives, and its operators on JSON.
  /^[\w.+]{1,32}\(.{1,96}\)::(?:int\w{0,4}|bigint|text|jsonb?|numeric|double precision)$/,
  /'[[{][^']{0,64}[\]}]'\s{0,4}(?:::jsonb?\s{0,4})?(?:\?[|&]?|#>>?|#-|@>?|<@?|@\?|>)\s{0,4}(?:\/\*[^*]{0,32}\*\/)?(?:'|array\[)/,
  /^\s{0,4}(?:drop|delete|truncate|alter|insert|update|exec)\s[^;'"]{1,80};\s{0,4}--[\s-]{0,8}$/,
]

/** Pieces are no longer than that. */
const longestPiece = 160

/** How sure it is that a text has something in it that only attacks by SQL have. */
export function scoreOfTelltale(lower: string): number {
  if (lower.length <= longestPiece && isPiece(lower)) return 0.6
  if (hasAny(lower, signs)) return 0.7
  return lower.includes('/**/') && hidesKeyword(lower) ? 0.7 : 0
}

/** A name and the bracket behind it, and no more. */
const cutCall = /^\s{0,4}([a-z_][\w.]{1,32})\s{0,4}\(\s{0,4}$/

function isPiece(lower: string): boolean {
  const name = lower.endsWith('(') ? cutCall.exec(lower)?.[1] : undefined
  if (name !== undefined && (isFunction(name) || isAttackCall(name))) return true
  return pieces.some((piece) => piece.test(lower))
}

function hidesKeyword(lower: string): boolean {
  const plain = lower.replaceAll('/**/', '')
  return keywords.some((word) => plain.includes(word) && !lower.includes(word))
}
