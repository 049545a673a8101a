/** Between whom a call is, and over which ExoPhone, as its messages say. */
import type { callDirections } from '#db/schema/index.ts'
import type { Message } from './message.ts'
import { partyOf, possibleNumbers } from './numbers.ts'

/** Which way a call goes, seen from the business. */
export type CallDirection = (typeof callDirections)[number]

/** What a message says of the ends of its call. */
export interface CallParties {
  /** Undefined: it does not say, or in a word that nobody knows. */
  readonly direction: CallDirection | undefined
  /** Whether the API may have placed it. Flows and the dashboard say `outbound-dial` (documented). */
  readonly perhapsOurs: boolean
  /** Numbers that may be the business's own, likeliest first, and the way that the call then goes. */
  readonly exoPhones: readonly { readonly number: string; readonly direction: CallDirection }[]
  /** E.164, or what was said in its place. */
  readonly from: string
  readonly to: string
}

const directions: Readonly<Record<string, CallDirection>> = {
  inbound: 'inbound',
  incoming: 'inbound',
  outbound: 'outbound',
  'outbound-api': 'outbound',
  'outbound-dial': 'outbound',
}

/** The fields that the ExoPhone stands in; the last is Integration Core's (seen in code). */
const ownFields: Readonly<Record<CallDirection, readonly string[]>> = {
  inbound: ['PhoneNumberSid', 'CallTo', 'To', 'OutgoingPhoneNumber', 'VirtualNumber'],
  outbound: [
    'PhoneNumberSid',
    'OutgoingPhoneNumber',
    'CallerId',
    'CallFrom',
    'From',
    'VirtualNumber',
  ],
}

/** Where nobody says which way: whoever is called at the ExoPhone is called from outside. */
const eitherWay: readonly (readonly [field: string, direction: CallDirection])[] = [
  ['CallTo', 'inbound'],
  ['To', 'inbound'],
  ...ownFields.outbound.map((field) => [field, 'outbound'] as const),
]

/** Reads who is at the ends of a call. */
export function partiesOf({ fields }: Pick<Message, 'fields'>): CallParties {
  const word = fields.get('Direction')?.toLowerCase() ?? ''
  const direction = Object.hasOwn(directions, word) ? directions[word] : undefined
  const own =
    direction === undefined
      ? eitherWay
      : ownFields[direction].map((field) => [field, direction] as const)
  const first = (...names: readonly string[]) =>
    names.map((name) => fields.get(name)).find((text) => text !== undefined)
  return {
    direction,
    perhapsOurs: direction !== 'inbound' && word !== 'outbound-dial',
    exoPhones: own.flatMap(([field, way]) =>
      possibleNumbers(fields.get(field) ?? '').map((number) => ({ number, direction: way })),
    ),
    from: partyOf(first('CallFrom', 'From', 'FromNumber')),
    to: partyOf(first('CallTo', 'To', 'ToNumber')),
  }
}
