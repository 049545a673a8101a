/**
 * Turns what @elysiajs/swagger writes into a document that is valid for the version it names, and
 * whose parts have names. The plugin says 3.0.3, offers each body as JSON, form and text alike,
 * spreads a schema's keywords over its response, and has no words for 204 or for problems.
 */
import { problemMediaType } from '../hooks/problem-details/index.ts'
import { isObject, type Json, mapValues } from './json.ts'
import { tidyParameter } from './parameters.ts'
import { problem, sharedResponse, sharedResponses } from './responses.ts'
import { type SchemaBook, schemaBook } from './schemas.ts'

/** An operation, by method in lower case and path with `{…}`. */
export interface OperationName {
  readonly method: string
  readonly path: string
}

/** Statuses that hooks answer by themselves, whatever the route, and to which operations. */
export type HookAnswers = Readonly<Record<number, (operation: OperationName) => boolean>>

/** OpenAPI 3.1 takes JSON Schema 2020-12 as it is, which is what arktype writes. */
const openApiVersion = '3.1.0'

/** The media type of a response that is none of its own: what the routes really send. */
const mediaTypes: Readonly<Record<string, string>> = {
  '/metrics': 'text/plain; version=0.0.4',
  '/health/ready': 'application/health+json',
  '/health/detailed': 'application/health+json',
}

/** Descriptions of the statuses that are no problems. */
const meanings: Readonly<Record<string, string>> = {
  200: 'Done',
  201: 'Created',
  202: 'Accepted: it will be done',
  204: 'Done; there is nothing to say',
  503: 'Not ready: the checks say why',
}

/** The document, cleaned. */
export function tidyDocument(generated: Json, hookAnswers: HookAnswers = {}): Json {
  const book = schemaBook()
  const shared = new Set<string>()
  const share = (status: string): Json => {
    shared.add(status)
    return sharedResponse(status)
  }
  const paths = mapValues(objectOf(generated['paths']), (item, path) =>
    mapValues(objectOf(item), (operation, method) =>
      tidyOperation(objectOf(operation), { method, path }),
    ),
  )

  function tidyOperation(operation: Json, name: OperationName): Json {
    const { requestBody, responses, parameters, security, ...rest } = operation
    const own = mapValues(objectOf(responses), (response, status) =>
      tidyResponse(objectOf(response), status, name.path, book, share),
    )
    const ofHooks = Object.entries(hookAnswers)
      .filter(([, reaches]) => reaches(name))
      .map(([status]) => [status, share(status)])
    return {
      ...rest,
      ...(Array.isArray(security) && { security: distinct(security) }),
      ...(Array.isArray(parameters) && {
        parameters: parameters.map((parameter) => tidyParameter(parameter, book)),
      }),
      ...(isObject(requestBody) && {
        requestBody: {
          required: !isOptional(requestBody),
          content: onlyTypes(['application/json'], requestBody, book),
        },
      }),
      // Numbers as keys come in their order, and own answers win over those of hooks.
      responses: {
        ...Object.fromEntries(ofHooks),
        ...own,
        // What asks the database can fail inside, too.
        ...(canFail(own['503']) && { default: share('default') }),
      },
    }
  }

  return {
    ...generated,
    openapi: openApiVersion,
    paths,
    components: {
      ...objectOf(generated['components']),
      responses: sharedResponses(shared, book),
      schemas: book.entries(),
    },
  }
}

function tidyResponse(
  response: Json,
  status: string,
  path: string,
  book: SchemaBook,
  share: (status: string) => Json,
): Json {
  const ownType = response['x-media-type']
  if (ownType === problemMediaType) return share(status)
  const description = response['description'] || meanings[status] || 'Done'
  const fallback = mediaTypes[path] ?? 'application/json'
  const types = Array.isArray(ownType) ? ownType.map(String) : [String(ownType ?? fallback)]
  const content = onlyTypes(types, response, book)
  const orProblem = 'x-or-problem' in response && {
    [problemMediaType]: { schema: problem(book) },
  }
  return { description, ...(content && { content: { ...content, ...orProblem } }) }
}

function onlyTypes(mediaTypes: readonly string[], body: Json, book: SchemaBook): Json | undefined {
  const schema = schemaOf(body)
  if (schema === undefined) return undefined
  // Of an object's schema the plugin leaves these on the response.
  const { title, examples } = body
  const left = {
    ...(title !== undefined && { title }),
    ...(examples !== undefined && { examples }),
  }
  const entered = book.enter({ ...schema, ...left })
  return Object.fromEntries(mediaTypes.map((type) => [type, { schema: entered }]))
}

/** All media types that the plugin offers have the same schema: one of them is meant. */
function schemaOf({ content }: Json): Json | undefined {
  const [first] = Object.values(objectOf(content))
  const schema = objectOf(first)['schema']
  return isObject(schema) ? schema : undefined
}

const isOptional = (body: Json): boolean => 'x-optional' in (schemaOf(body) ?? {})

const canFail = (unavailable: unknown): boolean =>
  isObject(unavailable) &&
  ('$ref' in unavailable || problemMediaType in objectOf(unavailable['content']))

/** A scope and a guard both name the schemes. */
const distinct = (items: readonly unknown[]): unknown[] => [
  ...new Map(items.map((item) => [JSON.stringify(item), item])).values(),
]

const objectOf = (value: unknown): Json => (isObject(value) ? value : {})
