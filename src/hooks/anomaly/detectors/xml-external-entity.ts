import type { View } from '../view.ts'

/**
 * Tells XML that has its parser fetch or multiply something (CWE-611, CWE-776): entities of its
 * own, a document type from elsewhere, XInclude, and style sheets that read files or call code.
 * A document type by its public name (XHTML, SVG, plist) is honest, and so is plain XML.
 */
export function xmlExternalEntity({ lower, layers }: View): number {
  if (!lower.includes('<') && !lower.includes('+adw')) return 0
  // A page that shows XML has it escaped within these, and a reading took the escapes off.
  if (layers > 0 && (lower.includes('<code') || lower.includes('<pre'))) return 0
  return Math.max(scoreOfDeclarations(lower), scoreOfInclusion(lower), scoreOfStyleSheet(lower))
}

/** An entity's declaration (XML 1.0 §4.2): internal, external, or a parameter's. */
const entity =
  /<!entity\s{1,40}(?:%|&(?:#(?:37|x25)|percnt);)?\s{0,40}[^\s<>"'%]{1,80}\s{1,40}(system|public|["'])/

/** A document type whose rest is at another site, or at a place that a parser should not read. */
const foreignType =
  /<!doctype\s{1,40}[^\s<>["']{1,80}\s{1,40}(?:system\s{0,40}["']\s{0,8}(?:[a-z][a-z0-9+.-]{1,20}:|\/|\\|\.\.)|public\s{0,40}["'](?![-+]\/\/|iso)[^"']{0,200}["']\s{0,40}["'])/

/** A parameter entity is used within a document type: whatever it holds is a declaration. */
const usesParameter = /<!doctype[^<>[]{0,200}\[[^\]]{0,400}%[a-z_][\w.-]{0,40};/

function scoreOfDeclarations(lower: string): number {
  // "<!DOCTYPE" and "<!ENTITY" in UTF-7, which parsers may be told to read.
  if (/\+adwaiq-(?:doctype|entity)|\+adwai(?:q|qbe)/.test(lower)) return 0.9
  if (!lower.includes('<!')) return 0
  const declared = entity.exec(lower)?.[1]
  if (declared === 'system' || declared === 'public') return 1
  if (declared !== undefined) return lower.includes('<!doctype') || lower.includes('%') ? 0.9 : 0.6
  return foreignType.test(lower) || usesParameter.test(lower) ? 0.9 : 0
}

/** XInclude takes in another document without any document type (W3C XInclude 1.1). */
const scoreOfInclusion = (lower: string): number =>
  /<(?:[a-z][\w.-]{0,20}:)?include\s[^<>]{0,400}href\s{0,8}=/.test(lower) &&
  /2001\/xinclude|<xi:include|parse\s{0,8}=\s{0,8}["']text/.test(lower)
    ? 0.9
    : 0

/** XSLT that reads files, tells about its processor, or calls Java, PHP or a script. */
const transforms =
  /xml\.apache\.org\/xalan\/java|xalan:\/\/java|php:function(?:string)?\s{0,4}\(|<msxsl:script|system-property\s{0,4}\(\s{0,4}['"]xsl:|select\s{0,4}=\s{0,4}["']\s{0,4}(?:document|unparsed-text)\s{0,4}\(\s{0,4}['"]|<xsl:(?:include|import)\s[^<>]{0,100}href\s{0,4}=\s{0,4}["'](?:[a-z]{2,10}:|\/)|<exsl?:?l?:document\s/

const scoreOfStyleSheet = (lower: string): number =>
  /xsl|xalan|php:/.test(lower) && transforms.test(lower) ? 0.85 : 0
