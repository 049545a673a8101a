/** How SQL and XPath go on after a number. */
const continued =
  /(?:^|=)\W{0,8}\d{1,32}[\s+)]{1,8}(?:x?or|and|div|mod|is|in|r?like|regexp|between|limit|into|case|not)\b/i

/** What no query that was injected without a quote can do without; serialised Java; spelt dots. */
const essential =
  /\b(?:union|select|having|procedure|waitfor|exec|declare|sleep|benchmark|order[\s+]by|group[\s+]by|ro0ab|0x(?:2e|2f|5c))/i

/** A condition that is made up. */
const made = /(?:or|and)[\s+(]{1,8}(?:\d|true|false|null|not|exists)/i

/** What paths, addresses and names of objects are made of. */
const joining = /[/:_@-]|\.[^\s]/

/** Those that an attack may be made of: every part begins with a joining character, or ends there. */
const pointed = new RegExp(
  [
    /--|@@|__|\.\.[^\s.]|[/\s]\.\.|^\.\.|(?:^|[\s/])\.\w|^\/|[\s+:,]\/(?!\s)|(?<=\b[a-z]:)\/| -[XC]\//,
    /(?<=\b(?:etc|proc|bin|windows|winnt|-inf))\/|\.ini\b|-config|_rsa|\.ht|:\/\/|\.internal\b/,
    /(?<=\b(?:file|jar|data|javascript|vbscript|https?|ftp|url|php)):|\.254\.|(?<=\b(?:javax?|ognl|xwork2?|window|document))\./,
    /\.(?:prototype|class|apache)|_process/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
)

/** Whether a text of words that are joined by signs is a path, an address or the name of an object. */
export const isPointed = (text: string): boolean => pointed.test(text)

/** Whether a text has what an attack that is made of words and of joining signs cannot do without. */
export const isMeaningful = (text: string): boolean =>
  essential.test(text) ||
  continued.test(text) ||
  made.test(text) ||
  (joining.test(text) && pointed.test(text))
