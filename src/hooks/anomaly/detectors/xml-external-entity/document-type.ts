import { firstAt } from '../../places.ts'

/** A document type with an external part: its system identifier, or its public one and that. */
const external =
  /<!doctype\s{1,40}[^\s<>["']{1,80}\s{1,40}(?:system\s{0,40}["']\s{0,8}([^"'<>]{0,400})|public\s{0,40}(?:"([^"<>]{0,200})"|'([^'<>]{0,200})')\s{0,40}["']\s{0,8}([^"'<>]{0,400}))/y

/** At another site, or at a place that a parser should not read; `a.dtd` is beside the document. */
const elsewhere = /^(?:[a-z][a-z0-9+.-]{1,20}:|\/|\\|\.\.)/

/** A formal public identifier (ISO 8879): its owner, and the class of what is named. */
const formal =
  /^(?:[-+]\/\/([^/]{1,80})\/\/(?:dtd|entities|elements|schema|document|text|notation)\b.{0,120}\/\/[a-z]{2}\b|iso\b)/

/**
 * Whether a document type sends its parser elsewhere. One by its public name is known by heart
 * where its name is of the right form, and its address that of a file of declarations.
 */
export function isForeignType(lower: string): boolean {
  const found = firstAt(lower, '<!doctype', external)
  if (found === undefined) return false
  const [, system, quoted, single, address = ''] = found
  if (system !== undefined) return elsewhere.test(system)
  const name = formal.exec(quoted ?? single ?? '')
  if (name === null) return true
  if (!elsewhere.test(address)) return false
  if (name[1] === 'w3c') return !/^https?:\/\/(?:www\.)?w3\.org\//.test(address)
  return !/^https?:\/\/.*\.(?:dtd|ent|mod)\s{0,8}$/.test(address)
}
