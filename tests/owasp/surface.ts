/** The API as an attacker sees it: every operation of its own reference, with all that it takes. */
import { clientOf } from '../support/client.ts'
import type { ApiDocument, Operation, Parameter, Schema } from '../support/openapi.ts'
import type { Caly } from '../support/process.ts'

/** One operation. */
export interface Target {
  /** As the reference writes it: `GET /api/calls/{id}`. */
  readonly route: string
  readonly id: string
  /** In capitals. */
  readonly method: string
  readonly path: string
  /** Whether it is answered without credentials. */
  readonly isOpen: boolean
  readonly query: readonly Parameter[]
  /** The fields of its body by name; undefined where it has none. */
  readonly fields: Readonly<Record<string, Schema>> | undefined
  /** A body that it takes. */
  readonly example: object | undefined
}

/** All that can be attacked over HTTP. */
export interface Surface {
  readonly targets: readonly Target[]
  /** Every path, and the methods that it has; where it could be an id (`/api/calls/search`), those too. */
  readonly paths: ReadonlyMap<string, readonly string[]>
  /** Every name of a property in any schema of the reference. */
  readonly properties: readonly string[]
}

/** Reads the reference of a running service. */
export async function surfaceOf(caly: Pick<Caly, 'baseUrl'>): Promise<Surface> {
  const { body } = await clientOf(caly)('GET', '/docs/json')
  const document = body as ApiDocument
  const targets = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) =>
      targetOf(document, method.toUpperCase(), path, operation),
    ),
  )
  const methodsAt = (path: string) => [
    ...new Set(targets.filter((target) => isAt(target.path, path)).map(({ method }) => method)),
  ]
  const paths = Object.keys(document.paths).map((path) => [path, methodsAt(path)] as const)
  const properties = Object.values(document.components.schemas).flatMap((schema) =>
    Object.keys(propertiesOf(schema)),
  )
  return { targets, paths: new Map(paths), properties: [...new Set(properties)] }
}

function targetOf(document: ApiDocument, method: string, path: string, operation: Operation) {
  const { operationId: id, requestBody, security, parameters = [] } = operation
  const [media] = Object.values(requestBody?.content ?? {})
  const schema = document.components.schemas[String(media?.schema['$ref']).split('/').at(-1) ?? '']
  const examples = schema?.['examples']
  return {
    ...{ route: `${method} ${path}`, id, method, path },
    isOpen: JSON.stringify(security ?? [{}]).includes('{}'),
    query: parameters.filter((parameter) => parameter.in === 'query'),
    fields: schema && propertiesOf(schema),
    example: schema && (Array.isArray(examples) ? examples[0] : {}),
  } satisfies Target
}

const propertiesOf = (schema: Schema) => (schema['properties'] ?? {}) as Record<string, Schema>

/** The path of an operation, with something in the place of its parameter. */
export const pathWith = ({ path }: Pick<Target, 'path'>, parameter: string): string =>
  path.replace(/\{\w+\}/, parameter)

/** The words of a text. */
export const words = (text: string): string[] => text.trim().split(/\s+/)

/** Well-formed, and nobody's. */
export const nobodysId = '01931f6e-4c2b-7c3a-9d10-5a2b7c9e1f00'

/** Whether a path is one that a template stands for. */
export const isAt = (template: string, path: string): boolean =>
  new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path)
