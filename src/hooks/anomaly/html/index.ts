import { isAt } from '../places.ts'
import type { View } from '../view.ts'
import { scoreOfBreak } from './breaks.ts'
import { withoutQuotedCode } from './documentation.ts'
import { scoreOfTag } from './elements.ts'
import { scoreOfHandlerInText } from './handlers.ts'
import { scoreOfScript } from './script.ts'
import { scoreOfStyleInText } from './styles.ts'
import { tagsOf } from './tags.ts'
import { scoreOfUrlInText } from './urls.ts'

/**
 * Tells cross-site scripting (CWE-79): whether a text, put into a page as it is, would run. It is
 * read as the page's own text, as the rest of a tag or of an attribute's value, and as the rest of
 * a script's string; as a URL and as CSS. Markup that runs nothing is honest.
 */
export function crossSiteScripting({ lower, layers }: View): number {
  if (!/[<=(:`'"[+*\u00bc]/.test(lower)) return 0
  // Nothing but one `<` in disguise tries what a filter lets through.
  if (layers > 0 && lower.length < 8 && lower.trim() === '<') return 0.6
  const text = withoutQuotedCode(lower, layers)
  const other = text.includes('<') ? mended(text) : undefined
  return Math.max(scoreOfText(text), other === undefined ? 0 : scoreOfTags(other))
}

function scoreOfText(text: string): number {
  let score = 0
  for (const read of readings) {
    score = Math.max(score, read(text))
    if (score >= 0.7) return score
  }
  return score
}

/** Texts that are mended are no longer than that. */
const longestMended = 1024

/**
 * A text as it will be where quotes were doubled for a table, where a null is written as its escape, or
 * where a filter takes `script` out once; undefined where it is that already.
 */
function mended(text: string): string | undefined {
  if (text.length > longestMended) return undefined
  if (/=""[a-z/]/.test(text)) return text.replaceAll('""', '"')
  if (text.includes('\\0')) return text.replaceAll('\\0', '')
  return text.includes('scrscript') || text.includes('scriscript') || text.includes('scscript')
    ? text.replaceAll('script', '')
    : undefined
}

/** From the surest to the most laborious. */
const readings: readonly ((lower: string) => number)[] = [
  scoreOfTags,
  scoreOfEndTag,
  scoreOfAttributeBreak,
  scoreOfHandlerInText,
  scoreOfUrlInText,
  scoreOfBreak,
  scoreOfScript,
  scoreOfStyleInText,
  scoreOfCharset,
]

/** Scripts of a text that are looked at: behind each of them code is read. */
const mostScripts = 8

function scoreOfTags(lower: string): number {
  let score = 0
  if (!lower.includes('<')) return score
  let scripts = 0
  for (const tag of tagsOf(lower)) {
    if (tag.name.endsWith('script') && ++scripts > mostScripts) continue
    score = Math.max(score, scoreOfTag(tag, lower))
    if (score >= 0.7) return score
  }
  return score
}

/** An end tag has no attributes, but browsers once ran them. */
const runningEndTag = /<\/[a-z]{1,16}\s[^<>]{0,64}?(?:style|on[a-z]{3,20}|href)\s{0,4}=/y

function scoreOfEndTag(lower: string): number {
  return lower.includes('</') && isAt(lower, '</', runningEndTag) ? 0.7 : 0
}

/** A quote that ends an attribute and its tag, and another tag's beginning. */
const endsTag = /["'`\s/\\]{0,8}>\s{0,4}<[a-z/!]/y

/** The first quote of a text ends an attribute and its tag, and another tag begins. */
function scoreOfAttributeBreak(lower: string): number {
  if (!lower.includes('<')) return 0
  for (const quote of ['"', "'"]) {
    const at = lower.indexOf(quote)
    if (at < 0) continue
    endsTag.lastIndex = at
    // Behind a tag that the text itself opened, the quote is that tag's.
    if (endsTag.test(lower) && lower.lastIndexOf('<', at) < 0) return 0.7
  }
  return 0
}

/** `<` in UTF-7 (RFC 2152), or with the eighth bit set: charsets that browsers once guessed. */
function scoreOfCharset(lower: string): number {
  if (lower.includes('adw-') && /[+&]adw-[a-z/!]/.test(lower)) return 0.85
  return lower.includes('\u00bc') && /\u00bc\/?(?:script|img|svg|iframe)\b/.test(lower) ? 0.85 : 0
}
