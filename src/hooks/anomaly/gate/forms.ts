import { isMeaningful } from './meaning.ts'
import { isProse } from './prose.ts'

/** An address of the web with a plain query, whose host has a public name. */
const webAddress =
  /^https?:\/\/([a-z0-9.-]+\.[a-z]{2,24})(?::\d+)?(\/[\w./~@:,+-]*)?(\?[\w.-]+=[\w.,:@~+-]*(?:&\w[\w.-]*=[\w.,:@~+-]*)*)?(?:#[\w-]*)?$/i

/** Names that lead back inside: only `request-forgery` tells which do. */
const inside =
  /local|internal|metadata|intranet|\.(?:svc|lan|corp|home)\b|\d+[.-]\d+[.-]\d+[.-]\d+|\.me$|nip|xip/i

/** What a browser calls itself (RFC 9110 §10.1.5): products, and comments in parentheses. */
const products =
  /^[a-z][\w.-]*\/\d[\w.+-]*(?: (?:[a-z][\w.-]*(?:\/[\w.+:-]+)?|\([\w .;:,+/@-]*\)))*$/i

/** A list of media types, languages or codings with their weights (RFC 9110 §12.5). */
const preferences = /^[\w.+*/-]+(?:; ?[a-z-]+=[\w.-]+)*(?:, ?[\w.+*/-]+(?:; ?[a-z-]+=[\w.-]+)*)*$/i

/** A comment of SQL, where a media type would end. */
const comment = /\/\*[^\s,;]/

/** What no ordinary form has. */
const formless = /[<>`|\\{}[\]^\n\r]/

/** Whether a text with remarkable characters has them only where texts of its form have. */
export function isOrdinaryForm(text: string): boolean {
  if (formless.test(text)) return false
  if (text.startsWith('http')) {
    const address = webAddress.exec(text)
    if (address !== null) {
      const [, host = '', path = '', query = ''] = address
      return !inside.test(host) && !isMeaningful(path.slice(1) + query)
    }
  }
  // Most are prose.
  return (isProse(text) || products.test(text) || isList(text)) && !isMeaningful(text)
}

const isList = (text: string): boolean => preferences.test(text) && !comment.test(text)
