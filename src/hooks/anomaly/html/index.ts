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
  if (!/[<=(:`'"[\u00bc]|\+a/.test(lower)) return 0
  // Nothing but one `<` in disguise tries what a filter lets through.
  if (layers > 0 && lower.trim() === '<') return 0.6
  const text = withoutQuotedCode(lower, layers)
  const readings = [
    scoreOfTags,
    scoreOfAttributeBreak,
    scoreOfHandlerInText,
    scoreOfUrlInText,
    scoreOfBreak,
    scoreOfScript,
    scoreOfStyleInText,
    scoreOfCharset,
  ]
  let score = 0
  for (const read of readings) {
    score = Math.max(score, read(text))
    if (score >= 0.7) return score
  }
  return score
}

function scoreOfTags(lower: string): number {
  let score = 0
  for (const tag of tagsOf(lower)) {
    score = Math.max(score, scoreOfTag(tag, lower))
    if (score >= 0.7) return score
  }
  return score
}

/** The first quote of a text ends an attribute and its tag, and another tag begins. */
function scoreOfAttributeBreak(lower: string): number {
  for (const quote of ['"', "'"]) {
    const at = lower.indexOf(quote)
    // Behind a tag that the text itself opened, the quote is that tag's.
    if (
      at >= 0 &&
      lower.lastIndexOf('<', at) < 0 &&
      /^["'`\s/\\]{0,8}>\s{0,4}<[a-z/!]/.test(lower.slice(at, at + 24))
    )
      return 0.7
  }
  return 0
}

/** `<` in UTF-7 (RFC 2152), or with the eighth bit set: charsets that browsers once guessed. */
const scoreOfCharset = (lower: string): number =>
  /[+&]adw-[a-z/!]|\u00bc\/?(?:script|img|svg|iframe)\b/.test(lower) ? 0.85 : 0
