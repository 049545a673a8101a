/**
 * The objects that Exotel answers and sends, as far as Caly knows them. A test holds the samples
 * against them; `caly exotel check` does it with what a real account gets.
 */
import type { Field, Kind, Shape, Source } from './shape.ts'

const fieldFrom =
  (source: Source) =>
  (...kinds: readonly Kind[]): Field => ({ source, kinds })
const documented = fieldFrom('documented')
const optional = (one: Field): Field => ({ ...one, optional: true })
const of = (one: Field, fields: Shape): Field => ({ ...one, fields })

/** What every Call object begins with (documented: Connect Two Numbers, Call Details). */
const callHead: Shape = {
  Sid: documented('text'),
  ParentCallSid: documented('text', 'null'),
  DateCreated: documented('text'),
  DateUpdated: documented('text'),
  AccountSid: documented('text'),
  To: documented('text'),
  From: documented('text'),
  PhoneNumberSid: documented('text'),
  Status: documented('text'),
  StartTime: documented('text', 'null'),
  // An empty text until the record has settled (seen in code).
  EndTime: documented('text', 'null'),
  // Both are written as texts, and as numbers in captures of calls that came in (seen in code).
  Duration: documented('text', 'number', 'null'),
  Price: documented('text', 'null'),
  Direction: documented('text'),
  AnsweredBy: documented('text', 'null'),
  RecordingUrl: documented('text', 'null'),
}

const callTail: Shape = {
  ForwardedFrom: documented('text', 'null'),
  CallerName: documented('text', 'null'),
  Uri: documented('text'),
}

/** The answer of connect, and of Call Details without details (documented: Connect Two Numbers). */
export const callAnswer: Shape = {
  Call: of(documented('object'), {
    ...callHead,
    ...callTail,
    PreSignedRecordingUrl: optional(documented('text', 'null')),
  }),
}

const leg: Shape = {
  Leg: of(documented('object'), {
    Id: documented('number'),
    OnCallDuration: documented('number', 'null'),
  }),
}

/** The answer of Call Details with `details=true` (documented: Call Details). */
export const callDetails: Shape = {
  Call: of(documented('object'), {
    ...callHead,
    ...callTail,
    // A feature of some accounts (documented).
    PreSignedRecordingUrl: optional(documented('text', 'null')),
    Details: of(documented('object'), {
      ConversationDuration: documented('number', 'null'),
      Leg1Status: documented('text', 'null'),
      Leg2Status: documented('text', 'null'),
      Legs: of(documented('list'), leg),
    }),
  }),
}

/** The answer of a search for calls (documented: Call Details, in bulk). */
export const callList: Shape = {
  Metadata: of(documented('object'), {
    Total: documented('number'),
    PageSize: documented('number'),
    FirstPageUri: documented('text', 'null'),
    PrevPageUri: documented('text', 'null'),
    NextPageUri: documented('text', 'null'),
  }),
  Calls: of(documented('list'), { ...callHead, PhoneNumber: documented('text') }),
}

/** What a status callback has with every event (documented: Status Callback). */
function callback(source: Source): Shape {
  const field = fieldFrom(source)
  return {
    CallSid: field('text'),
    EventType: field('text'),
    DateCreated: field('text'),
    DateUpdated: field('text'),
    To: field('text'),
    From: field('text'),
    PhoneNumberSid: field('text'),
    StartTime: field('text'),
    EndTime: field('text', 'null'),
    Status: field('text'),
    ConversationDuration: field('number'),
    Direction: field('text'),
    // Null, empty or left out where nothing was recorded (documented).
    RecordingUrl: optional(field('text', 'null')),
    Legs: of(field('list'), {
      OnCallDuration: field('number'),
      // Empty or the text `null`, too (seen in code).
      Status: field('text', 'null'),
      AnsweredBy: field('text'),
    }),
  }
}

/** What is sent when a call has ended. It alone brings the custom field back (documented). */
export const terminalCallback: Shape = {
  ...callback('documented'),
  CustomField: documented('text'),
}

/** What is sent when a leg is answered. No page shows it whole: it is put together from clients. */
export const answeredCallback: Shape = callback('seen in code')

/** What is sent to whoever asked for no events: four fields, at the end (documented). */
export const plainCallback: Shape = {
  CallSid: documented('text'),
  DateUpdated: documented('text'),
  Status: documented('text'),
  RecordingUrl: optional(documented('text', 'null')),
}
