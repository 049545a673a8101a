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
  if (!/[<=(:`'"[+\u00bc]/.test(lower)) return 0
  // Nothing but one `<` in disguise tries what a filter lets through.
  if (layers > 0 && lower.length < 8 && lower.trim() === '<') return 0.6
  const text = withoutQuotedCode(lower, layers)
  let score = 0
  for (const read of readings) {
    score = Math.max(score, read(text))
    if (score >= 0.7) return score
  }
  return score
}

/** From the surest to the most laborious. */
const readings: readonly ((lower: string) => number)[] = [
  scoreOfTags,
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
