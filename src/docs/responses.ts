import { problemMeanings, problemMediaType, problemSchema } from '../hooks/problem-details/index.ts'
import { answers } from '../hooks/validation/index.ts'
import type { Json } from './json.ts'
import { problemExample } from './problems.ts'
import type { SchemaBook } from './schemas.ts'

/** The names of the problems' responses, as a generated client shows them. */
const names: Readonly<Record<string, string>> = {
  308: 'PermanentRedirect',
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  413: 'ContentTooLarge',
  415: 'UnsupportedMediaType',
  421: 'MisdirectedRequest',
  422: 'UnprocessableContent',
  429: 'TooManyRequests',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
  default: 'InternalServerError',
}

const seconds = { type: 'integer', minimum: 1 }

/** Headers that come with a status. */
const headers: Readonly<Record<string, Json>> = {
  308: { Location: header('The same address over HTTPS', { type: 'string', format: 'uri' }) },
  401: { 'WWW-Authenticate': header('RFC 6750', { type: 'string' }) },
  429: { 'Retry-After': header('Seconds after which a request gets through', seconds) },
  503: { 'Retry-After': header('Seconds after which to try again', seconds) },
}

function header(description: string, schema: Json): Json {
  return { description, required: true, schema }
}

/** A reference to the response that all operations share for a status. */
export function sharedResponse(status: string): Json {
  const name = names[status]
  if (name === undefined) throw new Error(`There is no shared response for ${status}`)
  return { $ref: `#/components/responses/${name}` }
}

/** The schema of a problem, by reference. */
export const problem = (book: SchemaBook): Json => book.enter({ ...answers(problemSchema) })

/** What goes under `components.responses`: those that the document refers to. */
export function sharedResponses(statuses: ReadonlySet<string>, book: SchemaBook): Json {
  return Object.fromEntries(
    Object.entries(names)
      .filter(([status]) => statuses.has(status))
      .map(([status, name]) => [name, shownResponse(status, book)]),
  )
}

function shownResponse(status: string, book: SchemaBook): Json {
  const number = status === 'default' ? 500 : Number(status)
  return {
    description: problemMeanings[number],
    ...(headers[status] && { headers: headers[status] }),
    ...(number !== 308 && {
      content: { [problemMediaType]: { schema: problem(book), example: problemExample(number) } },
    }),
  }
}
