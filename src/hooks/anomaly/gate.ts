import { compatible, inUnitClass, type Range, unseen } from './decode/ranges.ts'

/**
 * What nearly every attack has at least one of, in ASCII: one class is a look at 16 bytes at once.
 */
const remarkable = new RegExp(
  `[<>'"\`|&$%\\\\{}=*[\\]^;()${inUnitClass([
    [0x00, 0x1f],
    [0x7f, 0x7f],
  ])}]`,
)

/** Punctuation of Chinese and Japanese that no attack is made of: （），：！？～ */
const eastern = [0xff01, 0xff08, 0xff09, 0xff0c, 0xff1a, 0xff1f, 0xff5e]

/** Joiners and selectors of forms: spelling in Indian scripts and in emoji. */
const spelling: readonly Range[] = unseen.filter(([from]) => from === 0x200b || from === 0xfe00)

const rare: readonly Range[] = [
  ...compatible.flatMap(withoutEastern),
  ...unseen.filter((range) => !spelling.includes(range)),
]

/**
 * Forms that text is seldom in (full width, mathematical, enclosed), and what hides words. That
 * some are below U+0100 makes the class quick on Latin text: an engine skips 16 bytes at once.
 */
const odd = new RegExp(
  `[\u02b9\u02bc\u2044\u2215\u2216\u29f5\u29f8\u560a\u560d${inUnitClass(rare)}]`,
)

/** Spelling, and a character that `odd` has had already: for quickness, as there. */
const spelled = new RegExp(`[${inUnitClass([[0x00, 0x00], ...spelling])}]`)

/** Spelling beside ASCII letters, where it spells nothing. */
const glued = new RegExp(`\\w[${inUnitClass(spelling)}]|[${inUnitClass(spelling)}]\\w`)

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
    /--|@@|__|\.\.[^\s.]|[/\s]\.\.|^\.\.|(?:^|[\s/])\.\w|^\/|[\s+:,]\/|(?<=\b[a-z]:)\/| -[XC]\//,
    /(?<=\b(?:etc|proc|bin|windows|winnt|-inf))\/|\.ini\b|-config|_rsa|\.ht|:\/\/|\.internal\b/,
    /(?<=\b(?:file|jar|data|javascript|vbscript|https?|ftp|url|php)):|\.254\.|(?<=\b(?:javax?|ognl|xwork2?|window|document))\./,
    /\.(?:prototype|class|apache)|_process/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
)

const isMeaningful = (text: string): boolean =>
  essential.test(text) ||
  continued.test(text) ||
  made.test(text) ||
  (joining.test(text) && pointed.test(text))

/** Blanks that carry what follows out of sight. */
const gap = ' '.repeat(32)

/** Up to here words are looked for everywhere. */
const searched = 2048

/** Up to here a text with remarkable characters may still be of an ordinary form. */
const formed = 512

/**
 * Whether a text cannot be an attack, told by one quick look: nearly all texts are like that.
 *
 * Of a text longer than 2048 it assumes that an attack made of words alone begins or ends it, since
 * such a one goes on from a number or a bare word: 1024 characters are searched on either side, and
 * no long gap may be between. A million characters cost 0.3 to 0.6 ms in Latin script on
 * JavaScriptCore, some 6 ms in others and on V8.
 */
export function isOrdinary(text: string): boolean {
  if (odd.test(text) || (spelled.test(text) && glued.test(text))) return false
  if (remarkable.test(text)) return text.length <= formed && isOrdinaryForm(text)
  if (text.length <= searched) return !isMeaningful(text)
  return (
    !text.includes(gap) &&
    !isMeaningful(text.slice(0, searched / 2)) &&
    !isMeaningful(text.slice(-searched / 2))
  )
}

/** An address of the web with a plain query, whose host has a public name. */
const webAddress =
  /^https?:\/\/([a-z0-9.-]+\.[a-z]{2,24})(?::\d+)?(\/[\w./~@:,+-]*)?(\?[\w.-]+=[\w.,:@~+-]*(?:&\w[\w.-]*=[\w.,:@~+-]*)*)?(?:#[\w-]*)?$/i

/** Names that lead back inside: only `request-forgery` tells which do. */
const inside =
  /local|internal|metadata|intranet|\.(?:svc|lan|corp|home)\b|\d+[.-]\d+[.-]\d+[.-]\d+|\.me$|nip|xip/i

/** What a browser calls itself (RFC 9110 §10.1.5): products, and comments in parentheses. */
const products =
  /^[a-z][\w.-]*\/\d[\w.+-]*(?: (?:[a-z][\w.-]*(?:\/[\w.+:-]+)?|\([\w .;:,+/@-]*\)))*$/i

/** A list of media types, languages or codings with their weights (RFC 9110 §12.5). */
const preferences = /^[\w.+*/-]+(?:; ?[a-z-]+=[\w.-]+)*(?:, ?[\w.+*/-]+(?:; ?[a-z-]+=[\w.-]+)*)*$/i

/** Contractions, asides, percentages and prices, in the only places where they are that. */
const prose =
  /(?<=[a-z])'(?=(?:s|t|re|ll|ve|d|m)\b)|(?<=^|\s)\((?=\w)|(?<=[\w.!?])\)(?=$|[\s.,!?:])|(?<=\d ?)%(?=$|[\s.,!?])|(?<=^|\s)\$(?=\d)/gi

/** The one apostrophe of a name or a word: O'Brien, dell'arte. One quote alone closes nothing. */
const apostrophe = /^([^']*[a-z\u00e0-\u017e])'(?=[a-z\u00e0-\u017e][^']*$)/i

/** What no ordinary form has. */
const formless = /[<>"`|\\{}[\]^\n\r]/

function isOrdinaryForm(text: string): boolean {
  if (formless.test(text)) return false
  const address = webAddress.exec(text)
  if (address !== null) {
    const [, host = '', path = '', query = ''] = address
    return !inside.test(host) && !isMeaningful(path.slice(1) + query)
  }
  if (products.test(text) || preferences.test(text)) return !isMeaningful(text)
  const rest = text.replace(prose, '').replace(apostrophe, '$1')
  return !remarkable.test(rest) && !isMeaningful(text)
}

/** The parts of a range that hold no eastern punctuation. */
function withoutEastern([from, to]: Range): readonly Range[] {
  const parts: Range[] = []
  let start = from
  for (const mark of eastern) {
    if (mark < start || mark > to) continue
    if (mark > start) parts.push([start, mark - 1])
    start = mark + 1
  }
  if (start <= to) parts.push([start, to])
  return parts
}
