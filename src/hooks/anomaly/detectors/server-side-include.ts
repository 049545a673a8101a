import type { View } from '../view.ts'

/** Commands of Apache's and nginx's modules, within a comment of HTML. */
const directive =
  /<!--?#\s{0,8}(?:exec|include|echo|printenv|config|set|fsize|flastmod|if|elif|else|endif|block|wait|perl|odbc)(?![a-z])|<!--\s{1,8}#\s{0,8}(?:(?:exec|include|echo|fsize|flastmod|config|set)\s{1,8}[a-z]{1,20}\s{0,4}=|printenv\b)/

/** Edge Side Includes (W3C ESI 1.0), which caches run. */
const edge =
  /<esi:(?:include|inline|vars|try|attempt|when|choose|remove|comment|debug|assign|eval|function)\b|<!--esi\b|\$\((?:http_[a-z_]{1,40}|query_string|request_(?:method|path))(?:\{[^}]{0,80}\})?\)/

/**
 * Tells directives of server-side includes and of edge-side ones (CWE-97): `<!--#exec cmd="id" -->`.
 * Nothing but a page for such a server has them; a comment with a number sign is honest.
 */
export function serverSideInclude({ lower }: View): number {
  if (lower.includes('<!-') && directive.test(lower)) return 0.95
  return (lower.includes('esi') || lower.includes('$(')) && edge.test(lower) ? 0.9 : 0
}
