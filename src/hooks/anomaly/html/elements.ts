import type { Attribute } from './attributes.ts'
import { scoreOfHandler } from './handlers.ts'
import { acts } from './script.ts'
import { scoreOfBrokenStyle, scoreOfStyle } from './styles.ts'
import type { Tag } from './tags.ts'
import { scoreOfUrl } from './urls.ts'

/** How surely a tag runs something; `lower` is the text that it is from. */
export function scoreOfTag(tag: Tag, lower: string): number {
  let score = Math.max(scoreOfElement(tag, lower), scoreOfScatteredUrl(tag, lower))
  for (const attribute of tag.attributes) {
    if (score >= 0.95) return score
    score = Math.max(score, scoreOfAttribute(attribute, tag))
  }
  return score
}

/** A URL that spaces broke into several attributes. */
function scoreOfScatteredUrl({ attributes, start, end }: Tag, lower: string): number {
  if (attributes.length < 2 || !attributes.some(({ name }) => name.includes(':'))) return 0
  const whole = lower.slice(start, end).replace(/\s+/g, '')
  return /[=][a-z]{0,10}script:[a-z]/.test(whole) && acts(whole.slice(whole.indexOf('script:')))
    ? 0.9
    : 0
}

/** Attributes of front-end frameworks that hold expressions. */
const expressionAttribute = /^(?:(?:data-)?ng-|v-|x-|@|:|\(|\[)/

/** An address elsewhere that the rest of the page becomes a part of: `<img src="//evil.example/?`. */
const takesRest = /^\s{0,4}(?:https?:)?[/\\]{2}[^\s"'<>]{1,80}[?=]\s{0,4}(?:$|<)/

/** An attribute that runs whatever element it is on. */
function scoreOfAttribute({ name, value, isOpen }: Attribute, tag: Tag): number {
  if (value === '') return 0
  if (isOpen && takesRest.test(value)) return 0.7
  if (name === 'style') return scoreOfStyle(value) || scoreOfBrokenStyle(value)
  if (name === 'formaction' && isForeign(value)) return 0.7
  if (name === 'srcdoc' || name === 'datasrc' || name === 'dataformatas') return 0.9
  if (value.startsWith('&{')) return 0.9
  const score = Math.max(scoreOfHandler(name, value), scoreOfUrl(value, tag.name))
  if (score > 0) return score
  return expressionAttribute.test(name) && acts(value) ? 0.75 : 0
}

const attributeOf = ({ attributes }: Tag, name: string): string =>
  attributes.find((attribute) => attribute.name === name)?.value.trim() ?? ''

/** Whether a tag has one of the attributes, be it without a value. */
const hasAny = ({ attributes }: Tag, names: readonly string[]): boolean =>
  attributes.some(({ name }) => names.includes(name))

/** Whether a tag has a source; one without a value counts where the text was cut off. */
const hasSource = ({ attributes, end }: Tag, lower: string): boolean =>
  attributes.some(
    ({ name, value }) => sources.includes(name) && (value !== '' || end >= lower.length),
  )

/** A URL of another site, or of no site at all. */
const isForeign = (url: string): boolean => /^\s*(?:[a-z][a-z0-9+.-]*:|[/\\]{2})/.test(url)

const sources = ['src', 'data', 'code', 'codebase', 'classid', 'href', 'action', 'implementation']

/** What runs or shows foreign content, by its mere source. */
const embedding = new Set(
  'iframe frame embed object applet layer ilayer bgsound portal fencedframe event-source isindex vmlframe'.split(
    ' ',
  ),
)

/** Elements that change attributes of others (SMIL), or listen (XML Events). */
const changing = new Set(['set', 'animate', 'animatetransform', 'animatemotion', 'animatecolor'])

/** What a tag is followed by, up to the next one. */
function contentOf({ end }: Tag, lower: string): string {
  const content = lower.slice(end, end + 1024)
  const next = content.indexOf('<')
  return next < 0 ? content : content.slice(0, next)
}

function scoreOfElement(tag: Tag, lower: string): number {
  const name = tag.name.slice(tag.name.lastIndexOf(':') + 1)
  if (name === 'script') return scoreOfScriptTag(tag, lower)
  if (tag.isClosing) return 0
  if (embedding.has(name))
    return hasSource(tag, lower) || attributeOf(tag, 'type').includes('scriptlet') ? 0.9 : 0
  if (changing.has(name)) return scoreOfChange(tag)
  if (name === 'style')
    return attributeOf(tag, 'type').includes('script') ? 0.9 : scoreOfStyle(contentOf(tag, lower))
  return scoreOfHeadElement(name, tag) || scoreOfXml(name, tag)
}

/** A sentence leads up to it. */
const endsInWord = /(?:^|\s)[a-z]{2,}[:,]?\s{1,2}$/

function scoreOfScriptTag(tag: Tag, lower: string): number {
  const before = lower.slice(Math.max(0, tag.start - 24), tag.start)
  const behind = lower.slice(tag.end, tag.end + 256)
  if (tag.isClosing) {
    if (tag.start === 0 || /["'`;)}>\\][ \t]{0,4}$/.test(before)) return 0.7
    return /^\s*(?:<|$)/.test(behind) && !endsInWord.test(before) ? 0.7 : 0.2
  }
  if (hasAny(tag, ['src', 'href', 'xlink:href', 'x:href'])) return 0.95
  if (acts(behind)) return 0.95
  if (endsInWord.test(before) && /^[^<(=;{`[]*(?:<|$)/.test(behind)) return 0.3
  if (/^[^<]*<\\?\/script/.test(behind)) return 0.9
  if (/^\s*$/.test(behind)) return /[^\s>]\s+$/.test(before) ? 0.3 : 0.7
  // A sentence that speaks of the element goes on with words.
  if (/^[.,:;?!)]?\s+(?:[a-z]+[ ,.]){1,}/.test(behind)) return 0.2
  return /^\s*<|^\s*[^.,)\s][^(=;{`]{0,40}[(=;{`]/.test(behind) || /["'>]\s*$/.test(before)
    ? 0.7
    : 0.2
}

function scoreOfChange(tag: Tag): number {
  const target = attributeOf(tag, 'attributename')
  return /^(?:on|(?:xlink:)?href|src|innerhtml)/.test(target) ? 0.9 : 0
}

function scoreOfHeadElement(name: string, tag: Tag): number {
  if (name === 'meta') return scoreOfMeta(tag)
  const href = attributeOf(tag, 'href')
  if (name === 'base') return isForeign(href) || (hasAny(tag, ['href']) && href === '') ? 0.8 : 0
  if (name !== 'link') return 0
  const relation = attributeOf(tag, 'rel')
  if (relation.includes('import')) return 0.9
  if (relation === '') return hasAny(tag, ['href']) && (href === '' || isForeign(href)) ? 0.6 : 0
  return relation.includes('stylesheet') && isForeign(href) ? 0.7 : 0
}

/** To another page of the site, or to the same again. */
const leadsWithin =
  /^\d{1,5}\s{0,4}(?:;\s{0,4}url\s{0,4}=\s{0,4}["']?(?!\/\/)[\w./#?=&%-]{1,200}["']?\s{0,4})?$/

function scoreOfMeta(tag: Tag): number {
  const directive = attributeOf(tag, 'http-equiv')
  if (directive === 'refresh') return leadsWithin.test(attributeOf(tag, 'content')) ? 0 : 0.85
  if (directive === 'link' || directive === 'set-cookie') return 0.85
  return /utf-?7/.test(attributeOf(tag, 'content') + attributeOf(tag, 'charset')) ? 0.9 : 0
}

function scoreOfXml(name: string, tag: Tag): number {
  if (name === 'xml') return hasAny(tag, ['src']) ? 0.9 : hasAny(tag, ['id']) ? 0.6 : 0
  if (name === 'xml-stylesheet') return isForeign(attributeOf(tag, 'href')) ? 0.85 : 0
  if (name === 'handler' || name === 'listener') return hasAny(tag, ['ev:event', 'event']) ? 0.8 : 0
  if (name === 'import') return hasAny(tag, ['implementation']) ? 0.9 : 0
  if (name === 'plaintext') return 0.6
  const link = attributeOf(tag, 'xlink:href')
  if (name === 'a') return /^[/\\]{2}/.test(link) ? 0.8 : 0
  return name !== 'image' && isForeign(link) ? 0.8 : 0
}
