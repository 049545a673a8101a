import { firstAt, hasAny, isAt, type Sign } from '../../places.ts'

/** What PHP does that an attacker wants done: functions, what the request brings, a shell. */
const acts = new RegExp(
  `(?<![\\w>:$])(?:${[
    'system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec|eval|assert|phpinfo|create_function',
    'base64_decode|gzinflate|gzuncompress|str_rot13|show_source|highlight_file|readfile|scandir',
    'file_put_contents|file_get_contents|fwrite|fputs|move_uploaded_file|unlink|fsockopen|curl_exec',
    'php_uname|posix_getuid|getcwd',
  ].join(
    '|',
  )})\\s{0,4}\\(|\\$_(?:get|post|request|cookie|server|files)\\b|[=;({\\s]\`[^\`\\n]{1,80}\`(?!\`)|(?<![\\w$>])\\$\\w{1,20}\\s{0,4}\\(|(?:include|require)(?:_once)?\\s{0,4}\\(?\\s{0,4}['"](?:[a-z]{2,10}:|\\/etc|\\.\\.)`,
)

/** What programs have and probes have not. */
const isProgram = /->|::|\bnew\s|\b(?:use|namespace|class|function|public|foreach|require)\s|```/

/** A text that is hardly more than the tag is a probe. */
const longestProbe = 160

/** Code behind a tag is read that far. */
const longestCode = 1024

/** Where PHP begins within a page, and the code behind it. */
const openTag = /<\?(?:php\b|=|\s{1,8}(?:[a-z_$@/][^?>]{0,200}(?:[($"]|;\s{0,4}\?>)|echo\b))/y

/** PHP in the way of Netscape, of bulletin boards and of Smarty. */
const others: readonly Sign[] = [
  ['<script', /<script\s{1,4}language\s{0,4}=\s{0,4}["']?php/y],
  ['[php', /\[php\](?!\()/y],
  ['[/php', /\[\/php\]/y],
  ['{php', /\{php[\]}]/y],
  ['{/php', /\{\/php\}/y],
]

/** What only looks like XML; ColdFusion that starts a program. */
const foreign: readonly Sign[] = [
  ['<?xml', /<\?xml\s{0,4}:/y],
  ['<cfexecute', /<cfexecute\s/y],
]

/**
 * How surely a text opens a page of PHP. A program that does nothing an attacker wants is honest
 * documentation, and so is `<?= $title ?>` in the midst of a page.
 */
export function scoreOfPage(lower: string): number {
  if (!/[<[{]/.test(lower)) return 0
  if (lower.includes('php') && hasAny(lower, others)) return 0.9
  if (!lower.includes('<')) return 0
  if (hasAny(lower, foreign)) return 0.9
  const tag = firstAt(lower, '<?', openTag)
  if (tag === undefined) return 0
  const code = lower.slice(tag.index, tag.index + longestCode)
  if (acts.test(code)) return 0.9
  return lower.length <= longestProbe && !isProgram.test(code) ? 0.8 : 0
}

/** Streams that are code, or files in another form, where a path of a file was expected. */
const streams =
  /^\s{0,8}(?:php|expect|phar|zip|glob|data|rar|ogg|zlib|bzip2|compress\.(?:zlib|bzip2)|ssh2\.(?:exec|shell|tunnel|sftp|scp)):\/\/|^\s{0,8}data:(?:text\/[a-z]{1,12})?(?:;charset=[\w-]{1,12})?;base64,/

/** `<?php` and `<?=` in Base64. */
const inBase64 = /base64\s{0,4},\s{0,4}PD(?:9waHA|89)/

const dataOfPhp = /data:[\w/;=-]{0,40},\s{0,4}<\?(?:php|=)/y

/** How surely a text is a stream of PHP, or an address of data that is PHP. */
export function scoreOfStream(lower: string, text: string): number {
  if (streams.test(lower)) return 0.8
  if (!lower.includes('data:')) return 0
  return isAt(lower, 'data:', dataOfPhp) || inBase64.test(text) ? 0.8 : 0
}
