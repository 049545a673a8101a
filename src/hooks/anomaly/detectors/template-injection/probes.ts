import { firstAt, hasAny, isAt, type Sign } from '../../places.ts'

const php =
  'system|exec|shell_exec|passthru|popen|phpinfo|eval|assert|file_get_contents|readfile|include_php'

/**
 * Smarty has single braces: told from text are a function of PHP that is called right behind one,
 * and tags that read files or run what they are given.
 */
const inBrace = new RegExp(
  `\\{(?:(?:if\\s{1,4})?(?:${php})\\s{0,4}\\(|\\$smarty\\.(?:version|template|current_dir|server|env|const)|smarty_internal_|self::|(?:fetch|include|include_php|insert)\\s{1,4}file\\s{0,4}=\\s{0,4}["']?(?:\\/|string:|eval:|file:|https?:|\\.\\.\\/)|math\\s{1,4}equation|function\\s{1,4}name\\s{0,4}=\\s{0,4}["']\\w{0,40}\\(|eval\\s{1,4}var\\s{0,4}=|\\{<%|\\{\\[%|\\{\\{%)`,
  'y',
)

/** A value of Smarty that is handed to a function of PHP. */
const filtered = new RegExp(`\\|\\s{0,4}@?(?:${php})\\s{0,4}[}|:]`, 'y')

const signs: readonly Sign[] = [
  // Several engines' openings at once, a probe for any of them.
  ['<%[', /<%\[%/y],
  ['{{<', /\{\{<%/y],
  // Velocity and Razor need no bracket.
  [
    '$',
    /\$!?[a-z]\w{0,20}\.(?:getclass\s{0,4}\(|class\.(?:forname|inspect|getclass|classloader)|inspect\s{0,2}\(\s{0,2}["']java|getsession\(\)\.getservletcontext)/y,
  ],
  [
    '#',
    /#(?:(?:this|root)\.getclass|(?:parse|include|evaluate)\s{0,4}\(\s{0,4}["'](?:\/|\.\.|https?:))/y,
  ],
  [
    '@',
    /@(?:system\.(?:diagnostics|io|reflection|environment)\.|environment\.(?:getenvironment|machinename|osversion|username)|\(?t\(java)/y,
  ],
  // Tags of Mako, of JSP, of HTML::Template, that take in a file or a module.
  [
    '<%',
    /<%(?:!\s{0,4}(?:import|from)\s|(?:namespace|include|inherit)\s{1,4}(?:module|file)\s{0,4}=\s{0,4}["'](?:\/|\.\.|os\b|sys\b|subprocess\b)|perl>)/y,
  ],
  ['<jsp:include', /<jsp:include\s[^<>]{0,80}page\s{0,4}=\s{0,4}["'](?:\/web-inf|\.\.)/y],
  ['<c:import', /<c:import\s[^<>]{0,80}url\s{0,4}=\s{0,4}["'](?:[a-z]{2,10}:|\/)/y],
  ['<tmpl_include', /<tmpl_include\s{1,4}(?:name\s{0,4}=\s{0,4})?["']?(?:\/|\.\.)/y],
]

/** Braces of a text that are looked at. */
const mostBraces = 128

/** Whether a text has template code that no bracket of the usual kind marks, or marks of many kinds. */
export const showsBareCode = (lower: string): boolean =>
  (lower.includes('{') && isSmarty(lower)) || hasAny(lower, signs)

/** A product of two numbers in single braces; neither an argument of LaTeX nor an expression. */
const product = /\{[@=]?\d{1,10}\s?\*\s?\d{1,10}\}/y

function isProduct(lower: string): boolean {
  const found = firstAt(lower, '{', product, mostBraces)
  return found !== undefined && !/[\w}{$#@*~%]/.test(lower.charAt(found.index - 1))
}

const isSmarty = (lower: string): boolean =>
  isAt(lower, '{', inBrace, mostBraces) ||
  isProduct(lower) ||
  (isAt(lower, '|', filtered) && /\{['"$][^{}|]{0,80}\|/.test(lower))
