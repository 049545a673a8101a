import { hasAny, isAt, type Sign } from '../places.ts'
import type { View } from '../view.ts'

/**
 * Commands of Apache's and nginx's modules, within a comment of HTML; any other word that has an
 * argument, as servers of one's own have.
 */
const directive =
  /<!--?(?:#\s{0,8}(?:(?:exec|include|echo|printenv|config|set|fsize|flastmod|if|elif|else|endif|block|wait|perl|odbc|goto)(?![a-z])|[a-z]{2,16}\s{1,8}[a-z]{1,20}\s{0,4}=\s{0,4}["'])|-?\s{1,8}#\s{0,8}(?:(?:exec|include|echo|fsize|flastmod|config|set)\s{1,8}[a-z]{1,20}\s{0,4}=|printenv\b))/y

/** Edge Side Includes (W3C ESI 1.0), which caches run, and their functions. */
const edge: readonly Sign[] = [
  [
    '<esi:',
    /<esi:(?:include|inline|vars|try|attempt|when|choose|remove|comment|debug|assign|eval|function|foreach|text)\b/y,
  ],
  ['<!--esi', /<!--esi\b/y],
  [
    '$(',
    /\$\((?:http_[a-z_]{1,40}|query_string|request_(?:method|path))(?:\{[^}]{0,80}\})?(?:\|[^)]{0,40})?\)/y,
  ],
  ['$', /\$(?:add_header|set_response_code|set_redirect)\s{0,4}\(/y],
]

/**
 * Tells directives of server-side includes and of edge-side ones (CWE-97): `<!--#exec cmd="id" -->`.
 * Nothing but a page for such a server has them; a comment with a number sign is honest.
 */
export function serverSideInclude({ lower }: View): number {
  if (lower.includes('<!-') && isAt(lower, '<!-', directive)) return 0.95
  return /[<$]/.test(lower) && hasAny(lower, edge) ? 0.9 : 0
}
