import type { View } from '../view.ts'

/** A file that no document has beside it: absolute, up a folder, a home's, or a command's output. */
const elsewhere = `\\{?\\s{0,4}["']?\\s{0,4}(?:\\||\\/|~|\\.\\.[\\/\\\\]|[a-z]:[\\/\\\\]|file:|https?:)`

const readers =
  'input|include|@@input|lstinputlisting|verbatiminput|verbatimfile|inputminted|minted@input|import|subimport|subfile|includegraphics|includepdf|includestandalone|bibliography|usepackage|requirepackage|loadglsentries|csvreader|csvautotabular|attachfile2?|pdffiledump|pdffilesize|pdffilemoddate|pdfmdfivesum\\s{0,4}file|xetexpicfile|xetexpdffile'

/** What reads a file where it is told to, and what is always told to do more than set a text. */
const commands = new RegExp(
  `\\\\(?:${[
    `(?:${readers})\\*?\\s{0,4}(?:\\[[^\\]]{0,80}\\])?\\s{0,4}(?:\\{[\\w-]{0,20}\\}\\s{0,4})?${elsewhere}`,
    // TeX's own files and shell; Lua.
    '(?:immediate\\s{0,4}\\\\)?write\\s{0,4}18',
    'immediate\\s{0,4}\\\\(?:write|openout|input)',
    'open(?:in|out)\\s{0,4}(?:\\\\?[\\w@]{1,40}\\s{0,4}=|\\\\[a-z@]{1,20}\\s{0,4}["/{])',
    'new(?:read|write)\\s{0,4}\\\\\\w',
    'read(?:line)?\\s{0,4}(?:\\\\[a-z]{1,20}|\\d{1,2})\\s{1,4}to\\b',
    '(?:directlua|luaexec|luadirect|lateluacode)\\s{0,4}\\{',
    'shellescape\\b|bash(?:\\s|\\[)[^\\\\]{0,200}\\\\end\\b',
    'usepackage\\s{0,4}(?:\\[[^\\]]{0,80}\\]\\s{0,4})?\\{\\s{0,4}(?:bashful|shellesc|write18)\\s{0,4}\\}',
    'special\\s{0,4}\\{[^}]{0,40}`|declaregraphicsrule\\s{0,4}(?:\\{[^}]{0,20}\\}\\s{0,4}){2,3}\\{\\s{0,4}`',
    // Links that run; commands made of letters by number, or under another name.
    '(?:href|url)\\s{0,4}\\{\\s{0,4}(?:javascript|vbscript|data|file)\\s{0,4}:',
    'catcode\\s{0,4}`',
    'csname\\s{0,4}(?:@@)?(?:input|include|write|openin|openout|read)\\b',
    'let\\s{0,4}\\\\[a-z]{1,20}\\s{0,4}=?\\s{0,4}\\\\(?:input|include|write|openin|openout|read)\\b',
    '[a-z]{0,20}\\^\\^[0-9a-f]{2}[a-z^]',
    'begin\\s{0,4}\\{(?:filecontents|verbatimwrite)\\*?\\}',
    // Loops without an end.
    'loop\\s{0,4}\\\\iftrue',
    '(?:def|gdef|edef)\\s{0,4}(\\\\[a-z]{1,20})\\s{0,4}\\{[^}]{0,40}\\1\\s{0,4}\\}\\s{0,4}\\1',
  ].join('|')})`,
  'y',
)

/** A backslash by its number, in front of a command's name or of another number. */
const numbered = /\^\^5c(?:input|include|write|openin|\^\^)/

/** Commands of a text that are looked at: a text with more of them, none of which tells, ends there. */
const mostCommands = 512

/**
 * Tells LaTeX that reads files, writes them, or runs commands (CWE-94 in a typesetter): `\input` of
 * an absolute path, `\write18`. Formulas and a document's own parts are honest.
 */
export function latexInjection({ lower }: View): number {
  let at = lower.indexOf('\\')
  for (let looks = 0; at >= 0 && looks < mostCommands; looks += 1) {
    commands.lastIndex = at
    if (commands.test(lower)) return 0.9
    at = lower.indexOf('\\', at + 1)
  }
  return lower.includes('^^5c') && numbered.test(lower) ? 0.9 : 0
}
