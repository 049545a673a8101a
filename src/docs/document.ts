/**
 * Turns what @elysiajs/swagger writes into a document that is valid for the version it names. The
 * plugin says 3.0.3, offers each body as JSON, form and text alike, spreads a schema's keywords
 * over its response, and has no words for 204 or for problems.
 */

/** A JSON object. */
export type Json = { readonly [key: string]: unknown }

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** OpenAPI 3.1 takes JSON Schema 2020-12 as it is, which is what arktype writes. */
const openApiVersion = '3.1.0'

/** The media type of a response that is none of its own: what the routes really send. */
const mediaTypes: Readonly<Record<string, string>> = {
  '/metrics': 'text/plain; version=0.0.4',
  '/health/ready': 'application/health+json',
  '/health/detailed': 'application/health+json',
}

/** Descriptions of the successful statuses. */
const meanings: Readonly<Record<string, string>> = {
  200: 'Done',
  201: 'Created',
  202: 'Accepted: it will be done',
  204: 'Done; there is nothing to say',
}

/** The document, cleaned. */
export function tidyDocument(generated: Json): Json {
  const paths = isObject(generated['paths']) ? generated['paths'] : {}
  return {
    ...generated,
    openapi: openApiVersion,
    paths: mapValues(paths, (item, path) =>
      mapValues(isObject(item) ? item : {}, (operation) =>
        isObject(operation) ? tidyOperation(operation, path) : operation,
      ),
    ),
  }
}

function tidyOperation(operation: Json, path: string): Json {
  const { requestBody, responses, parameters, ...rest } = operation
  return {
    ...rest,
    ...(Array.isArray(parameters) && { parameters: parameters.map(tidyParameter) }),
    ...(isObject(requestBody) && {
      requestBody: { required: true, content: onlyType('application/json', requestBody) },
    }),
    responses: mapValues(isObject(responses) ? responses : {}, (response, status) =>
      tidyResponse(isObject(response) ? response : {}, status, path),
    ),
  }
}

function tidyParameter(parameter: unknown): unknown {
  if (!isObject(parameter)) return parameter
  const { examples: _, ...rest } = parameter
  return mapValues(rest, (value) => (isObject(value) ? plainSchema(value) : value))
}

function tidyResponse(response: Json, status: string, path: string): Json {
  const description = response['description'] ?? meanings[status] ?? 'Done'
  const problem = response['x-media-type']
  const type = typeof problem === 'string' ? problem : (mediaTypes[path] ?? 'application/json')
  const content = onlyType(type, response)
  return { description, ...(content && { content }) }
}

/** All media types that the plugin offers have the same schema: one of them is meant. */
function onlyType(mediaType: string, { content }: Json): Json | undefined {
  const [first] = isObject(content) ? Object.values(content) : []
  const schema = isObject(first) ? first['schema'] : undefined
  return isObject(schema) ? { [mediaType]: { schema: plainSchema(schema) } } : undefined
}

/** Standard Schema's own property is not JSON Schema; nor is the media type that we carry along. */
function plainSchema(schema: Json): Json {
  const { '~standard': _, 'x-media-type': __, ...rest } = schema
  return rest
}

function mapValues(object: Json, map: (value: unknown, key: string) => unknown): Json {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]))
}
