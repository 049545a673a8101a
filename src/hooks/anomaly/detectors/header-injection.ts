import type { Detector } from '../view.ts'

/**
 * A line that begins with a field's name (RFC 9110 §5.1), or with the status of a response, behind
 * what decoders leave of the end of a line.
 */
const field =
  /^[\r\n][\r\n \t]{0,8}(?:0[ad])?(?:([a-z][\w-]{1,40})[ \t]?:[ \t]{0,8}([^\r\n]{0,200})|HTTP\/\d)/i

/** The head of a second response or request. */
const head = /[\r\n](?:HTTP\/[12](?:\.\d)? \d{3}\b|[A-Z]{3,7} \/\S{0,200} HTTP\/[12])/

/** A command of SMTP, IMAP or POP3 where a line begins: capitals are how they are written. */
const mail =
  /^[\r\n]{1,8}(?:\.[\r\n]|RCPT TO:|MAIL FROM:|(?:HELO|EHLO|VRFY|EXPN) \S|STARTTLS|AUTH \w|DATA(?:\s|$)|[A-Z]{1,2}\d{1,4} [A-Z]{4,12}\b|[a-z]{1,2}\d{2,4} (?:[A-Z]{4,12}|copy|fetch|list|login|select|store|uid) \S|(?:USER|PASS|APOP|RETR|DELE|TOP|UIDL) \S|(?:QUIT|RSET|STAT|NOOP)\s{0,4}$)/

/** What the value of a field has to look like, lest a note's "Location: Berlin" be one. */
const values: Readonly<Record<string, RegExp>> = {
  'set-cookie': /[=:]/,
  cookie: /=/,
  location: /^\/|^[a-z]{1,12}:\S/i,
  refresh: /^\d{1,5}\s?;/,
  link: /^</,
  'content-length': /^\d/,
  'content-type': /^[a-z-]{1,24}\/[\w.+*-]/i,
  'content-disposition': /^(?:inline|attachment|form-data)/i,
  'content-encoding': /^\w/,
  'content-security-policy': /\w/,
  'transfer-encoding': /^(?:chunked|gzip|identity)/i,
  'access-control-allow-origin': /\S/,
  'cache-control': /^[a-z-]{4,}/i,
  connection: /^(?:close|keep-alive|upgrade)/i,
  host: /^[\w.-]{1,128}(?::\d{1,5})?$/,
  referer: /^https?:/i,
  'proxy-connection': /\w/,
  bcc: /@/,
  cc: /@/,
  'reply-to': /@/,
  'mime-version': /^\d/,
}

/** The body of a response that begins where its head was ended. */
const body = /^(?:\r\n\r\n|\n\n|\r\r|\n\r\n\r)\s{0,8}<[a-z!/]/i

/** What ends a line, also for those who keep only the lower byte of a character: 嘊 and 嘍, Ċ and č. */
const lineEnd = /[\r\n\u560a\u560d\u010a]/

const lowered = /[\u560a\u560d\u010a]|\u010d(?=\u010a)/g

/** The end of a line that something behind will take out of its escape, in a value of one line. */
const escaped = /(?:\\r)?\\n(?=[\w-]{2,40}:)/

/**
 * Finds values that end their line and go on with a field, with a whole response, or with a command
 * of a mail server (CWE-93, CWE-113).
 * A note of several lines is honest, and so is a protocol that somebody copied into one: there, what
 * stands before the line is no single value.
 */
export const headerInjection: Detector = ({ text, layers, place }) => {
  const ended = lineEnd.test(text)
  if (!ended && !(text.includes('\\n') && escaped.test(text))) return 0
  const folded = ended
    ? text.replace(lowered, (found) => (found.charCodeAt(0) % 256 === 10 ? '\n' : '\r'))
    : text.replace(escaped, '\r\n')
  const line = folded.search(/[\r\n]/)
  const hidden = layers > 0 || folded !== text
  const [before, after] = [folded.slice(0, line), folded.slice(line, line + 256)]
  const single = isSingle(before)
  if (!single && !(hidden && isSentence(before))) return 0
  if (single && (mail.test(after) || head.test(after))) return 0.8
  if (single && body.test(after) && (hidden || (place !== 'body' && after.startsWith('\r'))))
    return 0.8
  const [whole, name, value = ''] = field.exec(after) ?? []
  if (whole === undefined) return 0
  if (isField(name?.toLowerCase(), value)) return hidden ? 0.9 : 0.8
  if (!single || name === undefined || value === '') return 0
  if (hidden) return isForeign(name, before) ? 0.7 : 0
  return place !== 'body' && whole === after.trimEnd() && isOdd(name, after) ? 0.6 : 0
}

/**
 * Whether one value stands before the first line's end: no sentence, field, fence or boundary. The
 * rest of a request's first line is one, too.
 */
const isSingle = (before: string): boolean =>
  before.length < 512 && /^(?![\w-]+:(?!\/)|--)[^\s`]*(?<!:)(?: HTTP\/\d\.\d)?$/.test(before)

/** A few words, where the end of the line was encoded: no head of a mail that is encoded in part. */
const isSentence = (before: string): boolean =>
  before.length < 256 && !/^--|^[\w-]+:(?!\/)/.test(before)

/** A field by its name and value; a name that begins with X is one whatever it says. */
function isField(name: string | undefined, value: string): boolean {
  if (name === undefined) return true
  if (/^x-[\w-]{2,}$/.test(name)) return value !== ''
  return Object.hasOwn(values, name) && (values[name]?.test(value) ?? false)
}

/** A field that nobody knows, behind nothing or an address: what scanners look for in the response. */
const isForeign = (name: string, before: string): boolean =>
  /\w-\w/.test(name) || /^$|^[/?#%]|:\/\//.test(before)

/** A field that nobody knows, alone behind a lone carriage return or named as fields are. */
const isOdd = (name: string, after: string): boolean => /^\r[^\n]/.test(after) || /\w-\w/.test(name)
