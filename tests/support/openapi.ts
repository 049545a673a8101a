/** The API's document as tests use it: what it promises, and whether an answer keeps to it. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { PlainAnswer } from './http.ts'

/** The parts of an OpenAPI 3.1 document that tests read. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly responses: Readonly<Record<string, Response>>
  }
}

/** One method of one path. */
export interface Operation {
  readonly operationId: string
  readonly 'x-scope'?: string
  readonly security?: readonly object[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, Response>>
}

/** What a path, a query or a header may say. */
export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly schema: Schema
}

interface Response {
  readonly $ref?: string
  readonly content?: Content
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>
}

type Content = Readonly<Record<string, Media>>

interface Media {
  readonly schema: Schema
  readonly example?: { readonly status?: number }
}

/** A JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>

/** An operation with its place. */
export interface PlacedOperation extends Operation {
  readonly method: string
  readonly path: string
  /** The first example of its body. */
  readonly example: unknown
}

/** The document, and which of its promises were seen to be kept. */
export interface Conformance {
  readonly operations: readonly PlacedOperation[]
  /** The operation of that id. */
  operation(id: string): PlacedOperation
  /**
   * Holds an answer against the document and notes that it was seen.
   *
   * @throws {Error} if the document names no such status, media type, header or shape
   */
  observe(operation: PlacedOperation, answer: PlainAnswer): void
  /** Examples that fit neither their schema nor their status, with the reason. */
  wrongExamples(): string[]
  /** What the document names and no answer has shown: `placeCall 409`. */
  unseen(): string[]
}

/** Reads a document. */
export function conformanceTo(document: ApiDocument): Conformance {
  const ajv = new Ajv2020({ strict: false })
  formats(ajv)
  ajv.addSchema(closed(document), 'document')
  const resolve = (response: Response): Response =>
    response.$ref === undefined
      ? response
      : (document.components.responses[response.$ref.split('/').at(-1) ?? ''] ?? {})

  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      ...operation,
      method,
      path,
      example: exampleOf(document, operation),
    })),
  )
  const unseen = new Set(
    operations.flatMap(({ operationId, responses }) =>
      Object.keys(responses).map((status) => `${operationId} ${status}`),
    ),
  )

  function observe({ operationId, responses }: PlacedOperation, answer: PlainAnswer): void {
    const { status, headers, body } = answer
    const fault = (what: string) =>
      new Error(`${operationId} answered ${status} ${what}: ${body.slice(0, 500)}`)
    const key = status === 500 ? 'default' : String(status)
    const promised = responses[key]
    if (promised === undefined) throw fault('which the document does not name')
    const response = resolve(promised)
    for (const [name, { required }] of Object.entries(response.headers ?? {}))
      if (required && headers[name.toLowerCase()] === undefined) throw fault(`without ${name}`)
    unseen.delete(`${operationId} ${key}`)
    if (response.content === undefined) {
      if (body !== '') throw fault('with a body')
      return
    }
    const type = mediaType(String(headers['content-type']))
    const media = Object.entries(response.content).find(([name]) => mediaType(name) === type)?.[1]
    if (media === undefined) throw fault(`as ${type}`)
    const value: unknown = /[/+]json$/.test(type) ? JSON.parse(body) : body
    const validate = ajv.compile(absolute(media.schema))
    if (!validate(value)) throw fault(ajv.errorsText(validate.errors))
  }

  const misfits = (name: string, schema: Schema, examples: readonly unknown[]): string[] => {
    const validate = ajv.compile(absolute(schema))
    return examples
      .filter((example) => !validate(example))
      .map(() => `${name}: ${ajv.errorsText(validate.errors)}`)
  }
  const wrongOfSchemas = (): string[] =>
    Object.entries(document.components.schemas).flatMap(([name, schema]) =>
      misfits(name, schema, Array.isArray(schema['examples']) ? schema['examples'] : []),
    )
  const wrongOfAnswers = (): string[] =>
    operations.flatMap(({ operationId, responses }) =>
      Object.entries(responses).flatMap(([key, response]) =>
        Object.values(resolve(response).content ?? {}).flatMap(({ schema, example }) => {
          if (example === undefined) return []
          const name = `${operationId} ${key}`
          const status = key === 'default' ? 500 : Number(key)
          if (example.status !== status) return [`${name}: shows ${example.status}`]
          return misfits(name, schema, [example])
        }),
      ),
    )

  return {
    operations,
    operation(id) {
      const found = operations.find(({ operationId }) => operationId === id)
      if (found === undefined) throw new Error(`The document has no operation ${id}`)
      return found
    },
    observe,
    wrongExamples: () => [...wrongOfSchemas(), ...wrongOfAnswers()],
    unseen: () => [...unseen].sort(),
  }
}

function exampleOf(document: ApiDocument, { requestBody }: Operation): unknown {
  const [media] = Object.values(requestBody?.content ?? {})
  const name = String(media?.schema['$ref']).split('/').at(-1) ?? ''
  const examples = document.components.schemas[name]?.['examples']
  return Array.isArray(examples) ? examples[0] : undefined
}

/** References as Ajv finds them: a schema that is compiled alone is no part of the document. */
const absolute = (schema: Schema): Schema =>
  JSON.parse(JSON.stringify(closed(schema)).replaceAll('"#/components', '"document#/components'))

/** With no field in any object but those it names: an answer is to tell nothing else. */
const closed = <Value>(value: Value): Value =>
  JSON.parse(JSON.stringify(value), (_, part) =>
    typeof part?.properties === 'object' && part.additionalProperties === undefined
      ? { ...part, additionalProperties: false }
      : part,
  )

const mediaType = (contentType: string): string => contentType.split(';', 1)[0]?.trim() ?? ''
