/** Routes that Exotel does not have: what was played, and calls that nobody placed through the API. */
import { type } from 'arktype'
import { compiledWhenHot } from '../compiled-when-hot.ts'
import type { PlayedCall } from './call.ts'
import { isNumber } from './connect.ts'
import { type IncomingOutcome, incomingOutcomes } from './life.ts'
import type { Json, Reply } from './reply.ts'
import type { Asked } from './server.ts'
import type { DialledCall, IncomingCall } from './stage.ts'

/** What these routes reach. */
export interface Control {
  /** All that is to be told. */
  report(): object
  /** @returns what was begun */
  dial(call: DialledCall): PlayedCall
  incoming(call: IncomingCall): PlayedCall
}

const number = type('string').narrow((text, ctx) => isNumber(text) || ctx.mustBe('a number'))
const outcome = type.enumerated(...Object.keys(incomingOutcomes).filter(isOutcome))

const dialled = compiledWhenHot(
  type({
    '+': 'reject',
    from: number,
    to: number,
    'callerId?': number,
    'record?': 'boolean',
  }),
)

const incoming = compiledWhenHot(
  type({
    '+': 'reject',
    from: number,
    to: number,
    'outcome?': outcome,
    'agent?': number,
    'agentEmail?': 'string.email',
    'digits?': /^[0-9*#]{1,32}$/,
  }),
)

/** The method and the answer of `/simulator/…`; undefined where there is nothing. */
export function controlAnswer(
  control: Control,
  path: string,
): { readonly method: 'GET' | 'POST'; answer(asked: Asked): Reply } | undefined {
  switch (path) {
    case '/simulator/calls':
      return { method: 'GET', answer: () => json(200, control.report()) }
    case '/simulator/dial':
      return {
        method: 'POST',
        answer(asked) {
          const call = dialled(read(asked))
          return call instanceof type.errors ? wrong(call.summary) : json(200, control.dial(call))
        },
      }
    case '/simulator/incoming':
      return {
        method: 'POST',
        answer(asked) {
          const call = incoming(read(asked))
          return call instanceof type.errors
            ? wrong(call.summary)
            : json(200, control.incoming(call))
        },
      }
    default:
      return undefined
  }
}

/** @returns undefined for what is no JSON: no schema takes it */
function read({ body }: Asked): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}

function isOutcome(name: string): name is IncomingOutcome {
  return Object.hasOwn(incomingOutcomes, name)
}

const json = (status: number, value: object): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})

const wrong = (message: string): Reply =>
  json(400, { RestException: { Status: 400, Message: message } } satisfies Json)
