import type { View } from '../view.ts'

/** A file that no document has beside it: absolute, up a folder, a home's, or a command's output. */
const elsewhere = `\\{?\\s{0,4}["']?\\s{0,4}(?:\\||\\/|~|\\.\\.[\\/\\\\]|[a-z]:[\\/\\\\]|file:|https?:)`

const reads = new RegExp(
  `\\\\(?:input|include|@@input|lstinputlisting|verbatiminput|verbatimfile|inputminted|import|subimport|subfile|includegraphics|includepdf|bibliography|usepackage|loadglsentries|csvreader|csvautotabular)\\*?\\s{0,4}(?:\\[[^\\]]{0,80}\\])?\\s{0,4}(?:\\{[\\w-]{0,20}\\}\\s{0,4})?${elsewhere}`,
)

/** TeX's own files and shell, Lua, links that run; and letters made of numbers. */
const always =
  /\\(?:immediate\s{0,4})?\\?write\s{0,4}18|\\immediate\s{0,4}\\(?:write|openout|input)|\\(?:openin|openout)\s{0,4}\\?[\w@]{1,40}\s{0,4}=|\\newread\s{0,4}\\\w|\\newwrite\s{0,4}\\\w|\\(?:directlua|luaexec|luadirect)\s{0,4}\{|\\shellescape\b|\\(?:href|url)\s{0,4}\{\s{0,4}(?:javascript|vbscript|data|file)\s{0,4}:|\\catcode\s{0,4}`|\\csname\s{0,4}(?:input|include|write|openin|openout|read)\b|\^\^5c(?:input|write|\^\^)|\\\^\^[0-9a-f]{2}(?:nput|rite|nclude)|\\begin\s{0,4}\{(?:filecontents|verbatimwrite)\*?\}/

/**
 * Tells LaTeX that reads files, writes them, or runs commands (CWE-94 in a typesetter): `\input` of
 * an absolute path, `\write18`. Formulas and a document's own parts are honest.
 */
export function latexInjection({ lower }: View): number {
  if (!lower.includes('\\') && !lower.includes('^^')) return 0
  if (always.test(lower)) return 0.9
  return reads.test(lower) ? 0.9 : 0
}
