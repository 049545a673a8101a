/** Escapes of CSS: up to six hexadecimal digits and a space, or any other character by itself. */
const escapes = /\\(?:([0-9a-f]{1,6})\s?|([^0-9a-f\s]))/g

/** CSS as its parser reads it: without comments, escapes and what white space hides. */
function plain(css: string): string {
  return withoutComments(css)
    .replace(/\\{2,}/g, '\\')
    .replace(/\\x([0-9a-f]{2})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    )
    .replace(escapes, (_, code: string | undefined, self: string | undefined) =>
      code === undefined ? (self ?? '') : characterOf(code),
    )
    .replace(/[^!-\u1fff]+/g, '')
    .toLowerCase()
}

/** An opening in a string begins no comment: a quote before its end tells. */
function withoutComments(css: string): string {
  let result = ''
  let from = 0
  for (let open = css.indexOf('/*'); open >= 0; open = css.indexOf('/*', from)) {
    result += css.slice(from, open)
    const close = css.indexOf('*/', open + 2)
    if (close < 0) return result
    from = /["']/.test(css.slice(open, close)) ? open + 2 : close + 2
  }
  return result + css.slice(from)
}

function characterOf(code: string): string {
  const point = Number.parseInt(code, 16)
  return point > 0 && point < 0x110000 ? String.fromCodePoint(point) : ''
}

/** CSS that runs code in the browsers that had it, or takes rules from elsewhere. */
const runs =
  /expression\(|behaviou?r:|-moz-binding|binding:url|url\(['"]?(?:[^)#'"]{1,200}\.(?:js|htc|xml|xsl|html?)\b|[^)#'"/]{1,80}\.svg\b)|(?:java|vb|live)script:|url\(['"]?(?:javascript|vbscript|data:(?:text|application|image\/svg))|-o-link/

/** Rules taken from another place, said in an import. */
const imports = /@import(?:url\(|['"]|\/\/|http)/

/** What ends a declaration where none should end: braces, an address that goes on, a lone bracket. */
const breaksOut = /(?<![{}$])[{}](?![{}])|url\([^)]{0,64};[a-z]|\[\w?\];/

/** How surely the style of an element is no declarations, but the end of them. */
export const scoreOfBrokenStyle = (value: string): number =>
  breaksOut.test(value) || value.lastIndexOf('/*') > value.lastIndexOf('*/') ? 0.6 : 0

/** CSS is read that far. */
const longest = 1024

/** How surely CSS runs code or takes rules from elsewhere. */
export function scoreOfStyle(css: string): number {
  if (css.length < 8) return 0
  const text = plain(css.slice(0, longest))
  return runs.test(text) ? 0.9 : imports.test(text) ? 0.8 : 0
}

/** Where CSS that runs may begin, outside of what reads as a tag. */
const candidates =
  /style\s{0,4}=|-moz-binding|x:|binding|:\s{0,4}url\s{0,4}\(\s{0,4}['"]?\s{0,4}java/g

const runsInText =
  /^(?:style=.*)?(?:[^a-z]?[a-z-]{0,40}:(?:url\(['"]?)?(?:expression\(.*(?:alert|write|prompt|confirm|eval|document|javascript)|javascript)|-moz-binding:url\()/

/** One of these is in all that follows, or is written in escapes and with comments in between. */
const hasStyle = (lower: string): boolean =>
  lower.includes('style') ||
  lower.includes('binding') ||
  lower.includes('x:') ||
  (lower.includes('java') && lower.includes('url'))

const expression = /[a-z-]{2,20}\s{0,4}:\s{0,4}expression\(\s{0,4}[\w(]/

/** How surely a text holds CSS that runs, without a tag around it. */
export function scoreOfStyleInText(lower: string): number {
  if (!lower.includes(':')) return 0
  if (lower.includes('expression(') && expression.test(lower)) return 0.8
  if (!hasStyle(lower)) return 0
  candidates.lastIndex = 0
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const found = candidates.exec(lower)
    if (found === null) return 0
    if (runsInText.test(plain(lower.slice(found.index, found.index + 256)))) return 0.8
  }
  return 0
}

/** Beginnings of CSS that are looked at. */
const mostLooks = 16
