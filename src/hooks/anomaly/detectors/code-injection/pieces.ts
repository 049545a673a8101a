/** A function that runs commands or code, its arguments, and nothing else. */
const wholeCall =
  /^\s{0,4}[@;]?(?:(?:echo|print)\s{1,4})?(?:phpinfo\s{0,4}\(\s{0,4}(?:-?\d{1,4}\s{0,4})?\)|(?:system|shell_exec|passthru|popen|pcntl_exec|eval|assert|exec|instance_eval|os\.(?:system|popen|execute)|(?:kernel\.|process\.)?(?:system|exec|spawn)|io\.popen|runtime\.getruntime\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}exec|new\s{1,4}processbuilder)\s{0,4}\(\s{0,4}(?:\(|new\s{1,4}string\[\]\s{0,4}\{)?['"`][^'"`\n]{1,200}['"`][^\n]{0,80}\))[\s;]{0,4}(?:\.\s{0,4}(?:read|readlines|start|waitfor)\s{0,4}(?:\([^()]{0,20}\))?)?[\s;]{0,4}(?:\/\/.{0,20}|#.{0,20}|--.{0,20})?$/

/** What PHP puts between a name and its bracket when it is to be hidden. */
const comment = '(?:\\s{0,4}(?:(?://|#)[^\\n]{0,32}\\n|/\\*[^*]{0,32}\\*/)\\s{0,4})'

/** Functions of PHP that nobody names who does not program in it. */
const telling =
  'base64_decode|unserialize|gz(?:inflate|uncompress|decode)|posix_get\\w{2,12}|p?fsockopen|call_user_func\\w{0,6}|assert_options|passthru|shell_exec|proc_open|pcntl_exec|phpinfo|show_source|highlight_file|php_uname|getcwd|curl_init|get_defined_\\w{4,12}|eval|system|create_function|file_put_contents|move_uploaded_file|ini_set|str_rot13'

/** Texts that are nothing but the piece of a program. */
const pieces: readonly RegExp[] = [
  new RegExp(
    `^\\s{0,4}@?(?:${telling})\\s{0,4}\\([^()]{0,64}\\)?(?:\\[\\d\\])?\\s{0,4};?\\s{0,4}$`,
  ),
  new RegExp(`^\\s{0,4}[a-z_]\\w{1,32}${comment}\\([^()]{0,48}\\)\\s{0,4};?\\s{0,4}$`),
  // A function whose name is in a variable, in an array, or put together.
  new RegExp(
    `^\\s{0,4}@?\\$[\\w$]{1,24}(?:${comment}?(?:\\[[^\\]]{0,24}\\]|\\{[^}]{0,24}\\})){1,6}${comment}?\\s{0,4}\\(`,
  ),
  new RegExp(`^\\s{0,4}@?\\$[\\w$]{1,24}(?:${comment}|\\s{0,4})\\(\\s{0,4}\\d{0,8}\\s{0,4}\\)`),
  /^\s{0,4}\$\s{0,16}\{\s{0,8}(?:@?[$_.]|')[^{}]{0,40}\}\s{0,4}(?:\[[^\]]{0,24}\]\s{0,4})?(?:\(|$)/,
  /^\s{0,4}\$(?:_(?:server|get|post|cookie|request|files|env|session)|globals)\[[^\]]{1,32}\][^\n]{0,24}$/,
  /^\s{0,4}\$\w{1,24}\s?=\s?@?\$_(?:get|post|request|cookie|server)\[[^\]]{1,32}\]\s{0,4};?\s{0,4}$/,
  /(?:^|[\s;)]|return)["'](?:system|exec|shell_exec|passthru|assert|eval|popen)["']\(/,
  // Loops that never end, and Node.js by what it keeps its secrets in.
  /^\s{0,4}while\s?\(\s?[-+!(]{0,4}(?:true|false|null|undefined|nan|infinity|this|string|\d|\[\]|\{\}|''|""|``|new date)\)?\s?\)\)?\s?;?$/,
  /^\s{0,4}(?:process|require|module)\[\s?["'`a-z]/,
]

/** A comment or more than one blank between such a function and its bracket, where nothing belongs. */
const veiledCall =
  /(?<![\w.$])(?:exec|system|eval|assert|passthru|shell_exec|popen|proc_open)(?:\s{0,4}(?:\/\/|#)[^\n]{0,32}\n|\s{0,4}\/\*[^*]{0,32}\*\/|\s{2,8}|\t)\s{0,4}\([^)]{1,32}\)\s{0,4};?\s{0,4}$/

/** All of these. */
const wholes: readonly RegExp[] = [wholeCall, veiledCall, ...pieces]

/**
 * How surely a text is one call that runs something, or the piece of a program that does: nobody's
 * name, note or search is.
 */
export const scoreOfPiece = (lower: string): number =>
  lower.length <= 320 && /[(['"]/.test(lower) && wholes.some((whole) => whole.test(lower)) ? 0.7 : 0
