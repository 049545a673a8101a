import { firstAt, hasAny, isAt, type Sign } from '../places.ts'
import type { View } from '../view.ts'
import { isForeignType } from './xml-external-entity/document-type.ts'
import { fetchesSchema } from './xml-external-entity/schema.ts'

/**
 * Tells XML that has its parser fetch or multiply something (CWE-611, CWE-776): entities of its
 * own, a document type from elsewhere, XInclude, and style sheets that read files or call code.
 * A document type by its public name (XHTML, SVG, plist) is honest, and so is plain XML.
 */
export function xmlExternalEntity({ lower, layers }: View): number {
  if (lower.includes('+adw') && isAt(lower, '+adw', inUtf7)) return 0.9
  if (!lower.includes('<')) return 0
  // A page that shows XML has it escaped within these, and a reading took the escapes off.
  if (layers > 0 && (lower.includes('<code') || lower.includes('<pre'))) return 0
  return Math.max(
    scoreOfDeclarations(lower),
    scoreOfInclusion(lower),
    scoreOfStyleSheet(lower),
    lower.includes('schemalocation') && fetchesSchema(lower) ? 0.7 : 0,
  )
}

/** `<!DOCTYPE` and `<!ENTITY` in UTF-7 (RFC 2152), which parsers may be told to read. */
const inUtf7 = /\+adw(?:ai(?:q|qbe)|(?:aiq)?-?(?:\+ace-?|!)?(?:doctype|entity))/y

/** An entity's declaration (XML 1.0 §4.2): internal, external, or a parameter's. */
const entity =
  /<!entity(?:\s{1,40}(?:(?:%|&(?:#(?:37|x25)|percnt);)\s{0,40})?|%\s{0,40})[^\s<>"'%]{1,80}(?:\s{1,40}(system|public)|\s{0,40}(["']))/y

/** Within a document type: an entity whose end was cut off, any content, a parameter in use. */
const subset =
  /<!doctype[^<>[]{0,200}\[[^\]]{0,400}(?:%[a-z_][\w.-]{0,40};|<!entity\b|<!element\s{1,20}[\w:.-]{1,40}\s{1,20}any\b)/y

function scoreOfDeclarations(lower: string): number {
  if (!lower.includes('<!')) return 0
  const declared = firstAt(lower, '<!entity', entity)
  if (declared?.[1] !== undefined) return 1
  if (declared !== undefined) return lower.includes('<!doctype') || lower.includes('%') ? 0.9 : 0.6
  return isForeignType(lower) || isAt(lower, '<!doctype', subset) ? 0.9 : 0
}

/** XInclude takes in another document without any document type (W3C XInclude 1.1). */
const inclusion = /include\s[^<>]{0,400}href\s{0,8}=/y

/** What else its element has, or the document has that uses it. */
const isXInclude = (lower: string): boolean =>
  lower.includes('2001/xinclude') ||
  lower.includes('<xi:include') ||
  /parse\s{0,8}=\s{0,8}["']text/.test(lower)

/** A picture or a text of SVG whose address makes a converter on the server read a file or run. */
const readByConverter =
  /href\s{0,8}=\s{0,8}["']?\s{0,8}(?:file|expect|php|text|msl|mvg|label|ephemeral|jar|gopher|dict|netdoc):/y

const inDrawing = /<(?:\w{1,20}:)?(?:image|use|feimage|text|tref)\b/

function scoreOfInclusion(lower: string): number {
  if (lower.includes('include') && isAt(lower, 'include', inclusion) && isXInclude(lower))
    return 0.9
  return lower.includes('href') && isAt(lower, 'href', readByConverter) && inDrawing.test(lower)
    ? 0.8
    : 0
}

/** XSLT that reads files, writes them, tells about its processor, or calls Java, PHP or a script. */
const transforms: readonly Sign[] = [
  ['xml.apache.org/xalan/java', /./y],
  ['xalan://', /xalan:\/\/java/y],
  ['xmlns:', /xmlns:\w{1,20}\s{0,8}=\s{0,8}["']java:/y],
  ['php:function', /php:function(?:string)?\s{0,4}\(/y],
  ['<msxsl:script', /./y],
  ['system-property', /system-property\s{0,4}\(\s{0,4}['"]xsl:/y],
  ['select', /select\s{0,4}=\s{0,4}["']\s{0,4}(?:document|unparsed-text)\s{0,4}\(\s{0,4}['"]/y],
  [
    '<xsl:i',
    /<xsl:(?:include|import)\s[^<>]{0,100}href\s{0,4}=\s{0,4}["'](?:[a-z]{2,10}:|[/\\]|\.\.)/y,
  ],
  [
    '<xsl:result-document',
    /<xsl:result-document\s[^<>]{0,100}href\s{0,4}=\s{0,4}["'](?:file:|\/)/y,
  ],
  ['<xsl:evaluate', /<xsl:evaluate\s/y],
  ['saxon:evaluate', /./y],
  ['redirect:write', /redirect:write\s/y],
  [':document', /(?<=<exs?l?):document\s/y],
]

const scoreOfStyleSheet = (lower: string): number => (hasAny(lower, transforms) ? 0.85 : 0)
