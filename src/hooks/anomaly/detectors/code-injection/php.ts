/** PHP, and what its interpreter runs of a text that is put into a page, a string or a variable. */

/** Functions that run commands or code, or tell about the server. */
const functions =
  'system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec|assert|eval|phpinfo|create_function|call_user_func|call_user_func_array|file_put_contents|file_get_contents|readfile|show_source|highlight_file|base64_decode|gzinflate|php_uname|posix_getuid|getcwd|chr|print_r|var_dump|die|md5'

/** Functions that are told by name which function to call. */
const callers =
  'call_user_func(?:_array)?|array_map|array_filter|array_walk|array_reduce|usort|uasort|uksort|register_shutdown_function|register_tick_function|ob_start|iterator_apply|forward_static_call|preg_replace_callback|set_error_handler'

/** Where PHP begins within a page, or what bulletin boards and Smarty have for it. */
const openTags =
  /<\?(?:php\b|=|xml\s{0,4}:|\s{1,8}[a-z_$@/][^?>]{0,200}(?:[($"]|;\s{0,4}\?>)|\s{1,8}echo\b)|<script\s{1,4}language\s{0,4}=\s{0,4}["']?php|[[{]\/?php[\]}](?!\()/

/** Streams that are code, or files in another form, where a path of a file was expected. */
const streams =
  /^\s{0,8}(?:php|expect|phar|zip|glob|data|rar|ogg|zlib|compress\.(?:zlib|bzip2)):\/\//

/** Always an attack's, in texts without comments, white space and the seams of joined strings. */
const always: readonly RegExp[] = [
  // A function by its name in a string, in brackets or without its errors.
  new RegExp(`(?<![\\w.])[([{]["']?(?:${functions})["']?[\\])}](?:\\[0\\]|\\{0\\}|\\)){0,4}\\(`),
  new RegExp(`=['"](?:${functions})['"];.{0,80}\\$\\w{1,20}\\(`),
  /(?<![\w.$])(?:strrev|implode|join|base64_decode|str_rot13|hex2bin)\([^()]{1,120}\)\(['"$]/,
  new RegExp(`(?<![\\w.@])@(?:${functions})\\(`),
  /\(\w{1,20}\)(?:\[\d\]){1,4}\(/,
  new RegExp(`(?:${callers})\\(['"]?(?:${functions})\\b`),
  // Code that comes with the request, or is wrapped up.
  new RegExp(
    `(?<![\\w.$])(?:${functions}|include|include_once|require|require_once)\\(?@?\\$_(?:get|post|request|cookie|server|files)\\b`,
  ),
  /\$_(?:get|post|request|cookie|server)\[[^\]]{0,40}\]\(/,
  /(?<![\w.$])(?:eval|assert)\(["'@]?(?:base64_decode|gzinflate|gzuncompress|str_rot13|hex2bin|strrev|chr|stripslashes|\$_)/,
  /preg_replace\(['"](.)[^'"]{0,60}\1[imsx]{0,4}e[imsx]{0,4}['"],/,
  /create_function\(['"]{2},/,
]

/** The end of a string of the page's code, or of a statement, and a call behind it. */
const breaksOut = new RegExp(
  `^(?:[^'"]{0,40}['"])?[)\\]};.,|&+]{1,8}(?:\\$\\{)?@?(?:${functions})\\(|\\{\\$\\{@?(?:${functions})\\(`,
)

/** A shell's command line in a call that hands it to a shell. */
const runsShell = /(?<![\w.$])(?:system|passthru|shell_exec)\(['"`][^'"]{0,80}[;|&`][^'"]{0,20}\b/

/** How surely a text is PHP that an attacker wants run. */
export function scoreOfPhp(lower: string): number {
  if (lower.includes('://') && streams.test(lower)) return 0.8
  if (/<[?s]|php[\]}]/.test(lower) && openTags.test(lower)) return 0.9
  if (!lower.includes('(')) return 0
  const text = compact(lower)
  if (always.some((pattern) => pattern.test(text))) return 0.9
  return breaksOut.test(text) || runsShell.test(text) ? 0.75 : 0
}

/** Without comments and white space, `'sys' . 'tem'` joined. */
const compact = (lower: string): string =>
  withoutComments(lower)
    .replace(/\s+/g, '')
    .replace(/(?<=\w)(['"])\.\1(?=\w)/g, '')

function withoutComments(text: string): string {
  let result = ''
  let from = 0
  for (let open = text.indexOf('/*'); open >= 0; open = text.indexOf('/*', from)) {
    const close = text.indexOf('*/', open + 2)
    if (close < 0) break
    result += text.slice(from, open)
    from = close + 2
  }
  return result + text.slice(from)
}
