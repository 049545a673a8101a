import { type } from 'arktype'
import { problemMediaType } from '../../problem.ts'
import { answers } from '../validation/index.ts'

const example = {
  type: 'https://caly.dev/problems/validation',
  title: 'The request is not valid',
  status: 422,
  detail: '1 field needs attention',
  instance: '/api/calls',
  code: 'VALIDATION_FAILED',
  requestId: '01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00',
  errors: [{ path: 'body.to', code: 'phone', message: 'must be an E.164 phone number' }],
}

/** A problem body, for the API's document. */
export const problemSchema = type({
  type: 'string.url',
  title: 'string',
  status: '400 <= number.integer <= 599',
  detail: 'string',
  'instance?': 'string',
  code: 'string',
  'requestId?': 'string',
  'errors?': type({ path: 'string', code: 'string', message: 'string' }).array(),
}).configure({ title: 'Problem', examples: [example] }, 'self')

/** What each status means here, for the API's document. */
export const problemMeanings: Readonly<Record<number, string>> = {
  308: 'Plain HTTP is not served here: ask again at Location',
  400: 'The request or its body cannot be read',
  401: 'Authentication is required, or the credentials are not valid',
  403: 'The credentials do not allow this, or the request looks like an attack',
  404: 'There is nothing here, or not for this caller',
  409: 'The request contradicts the current state',
  413: 'The body is larger than the limit',
  415: 'The body is not of the type that is expected',
  421: 'The request names a host that is not served here',
  422: 'The request is not valid: every fault is listed',
  429: 'Too many requests: Retry-After says when to try again',
  500: 'Something went wrong inside',
  502: 'A service that this one depends on failed',
  503: 'The service cannot answer right now: Retry-After says when to try again',
  504: 'A service that this one depends on did not answer in time',
}

/** The `response` entries of a route for the problems that it can answer with. */
export function problems<const Status extends number>(...statuses: readonly Status[]) {
  const schema = answers(problemSchema)
  const documented = (status: Status): typeof schema => ({
    ...schema,
    ...{ description: problemMeanings[status], 'x-media-type': problemMediaType },
  })
  return Object.fromEntries(statuses.map((status) => [status, documented(status)])) as Record<
    Status,
    typeof schema
  >
}
