/**
 * Writes docs/api.md: every route. `bun run docs:api`. All of it comes from the document that the
 * service serves (`/docs/json`), its examples too; tests hold the page against the document, and send
 * each request.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { clientOf } from '../tests/support/client.ts'
import { startCaly } from '../tests/support/process.ts'
import { codeTable } from './api-codes.ts'
import { type Example, exampleOf, type Schema, shownType } from './api-schemas.ts'
import { table } from './table.ts'

/** What is read of an OpenAPI document. */
export interface ApiDocument {
  readonly info: { readonly description: string; readonly version: string }
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly security?: readonly Readonly<Record<string, unknown>>[]
  readonly 'x-scope'?: string
  readonly 'x-principal'?: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Content; readonly required?: boolean }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly description?: string
  readonly schema: Schema
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>

/** An operation at its place. */
interface Route {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

const file = new URL('api.md', import.meta.url)

/** The page that is kept in the repository. */
export const keptApiPage = (): Promise<string> => readFile(file, 'utf8')

/** Answers that nearly every route can give: told once. */
const usual = new Set('308 400 401 403 413 415 421 422 429 503 default'.split(' '))

/** The page for a document. */
export function apiPage(document: ApiDocument): string {
  const { info, tags, paths, components } = document
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method, path, operation })),
  )
  return `${[
    '# The API',
    '<!-- Written by `bun run docs:api` from the document that the service serves. -->',
    info.description,
    'The same as OpenAPI 3.1, for programs, is at `/docs/json`, to read and to try at `/docs` (`DOCS=on`). Who may do what is one table in [access.md](access.md), what a body may hold is in [validation.md](validation.md), how often one may ask in [limits.md](limits.md).',
    'In the examples `KEY` is an API key, `TOKEN` an access token; values in capitals are yours. A test sends every one of them.',
    '```sh\nBASE=http://localhost:3000\n```',
    '## Problems',
    'Every error is `application/problem+json`. Programs go by `code`: codes stay, and new ones may come.',
    codeTable(),
    ...tags.flatMap(({ name, description }) => [
      `## ${name}`,
      `${description}.`,
      ...routes
        .filter(({ operation }) => operation.tags.includes(name))
        .flatMap((route) => section(route, components.schemas)),
    ]),
  ].join('\n\n')}\n`
}

function section(route: Route, schemas: Readonly<Record<string, Schema>>): string[] {
  const { method, path, operation } = route
  const { summary, description, parameters = [], requestBody, responses } = operation
  const [status = '', answer] =
    Object.entries(responses).find(([code]) => code.startsWith('2')) ?? []
  const others = Object.keys(responses).filter((code) => code !== status && !usual.has(code))
  const body = jsonOf(requestBody?.content)
  return [
    `### ${method.toUpperCase()} ${path}`,
    [`${summary}.`, description].filter(Boolean).join(' '),
    `Needs ${demandOf(operation)}. Answers ${[status, ...others].join(', ')}, and [what any route may](#problems).`,
    ...(parameters.length > 0 ? [parameterTable(parameters)] : []),
    ...(body === undefined ? [] : [fieldTable(body, schemas)]),
    fence('sh', curl(route, schemas)),
    ...answerExample(operation.operationId, answer?.content, schemas),
  ]
}

function demandOf(operation: Operation): string {
  const { 'x-scope': scope, 'x-principal': principal, security = [{}] } = operation
  if (scope !== undefined) return `\`${scope}\``
  if (principal === 'user') return 'an access token: the key of a program will not do'
  return security.some((scheme) => Object.keys(scheme).length === 0)
    ? 'no credentials'
    : 'any credentials'
}

function parameterTable(parameters: readonly Parameter[]): string {
  return table(
    ['parameter', 'in', 'is'],
    parameters.map(({ name, in: place, required = false, description, schema }) => [
      `\`${name}\`${required ? '' : '?'}`,
      place,
      cell([description, shownType(schema)].filter(Boolean).join('; ')),
    ]),
  )
}

function fieldTable(body: Schema, schemas: Readonly<Record<string, Schema>>): string {
  const { properties = {}, required = [] } = resolved(body, schemas)
  return table(
    ['field', 'is'],
    Object.entries(properties).map(([name, schema]) => [
      `\`${name}\`${required.includes(name) ? '' : '?'}`,
      cell([schema.description, shownType(schema)].filter(Boolean).join('; ')),
    ]),
  )
}

/** A request as it is typed, with what is the reader's own in variables. */
function curl(route: Route, schemas: Readonly<Record<string, Schema>>): string {
  const { method, path, operation } = route
  const known = path.replace(/\{(\w+)\}/, (_, name: string) => `$${variableOf(path, name)}`)
  const words = [`curl -s${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} "$BASE${known}"`]
  const { security = [{}], 'x-principal': principal, requestBody } = operation
  if (!security.some((scheme) => Object.keys(scheme).length === 0))
    words.push(`-H "Authorization: Bearer $${principal === 'user' ? 'TOKEN' : 'KEY'}"`)
  const body = jsonOf(requestBody?.content)
  if (operation.parameters?.some(({ name }) => name === 'Idempotency-Key') === true)
    words.push("-H 'Idempotency-Key: order-4711'")
  if (body !== undefined)
    words.push(
      "-H 'Content-Type: application/json'",
      `-d '${withVariables(exampleOf(body, schemas) ?? {})}'`,
    )
  return words.join(' \\\n  ')
}

/** What stands for a part of a path. */
const variableOf = (path: string, name: string): string =>
  name === 'secret' ? 'SECRET' : `${path.split('/')[2]?.replace(/s$/, '').toUpperCase()}_ID`

/** An example's JSON, in single quotes, with the reader's own secrets out of them. */
const withVariables = (example: Example): string =>
  JSON.stringify(example)
    .replace(/"refreshToken":"[^"]*"/, `"refreshToken":"'$REFRESH_TOKEN'"`)
    .replace(/"(currentPassword)":"[^"]*"/, `"$1":"'"$PASSWORD"'"`)
    .replace(
      /("email":"[^"]*","password"):"[^"]*"/,
      `"email":"'$EMAIL'","password":"'"$PASSWORD"'"`,
    )

/** What is not known yet where something is only accepted. */
const accepted: Readonly<Record<string, Readonly<Record<string, Example>>>> = {
  placeCall: {
    ...{ status: 'queued', providerCallId: null, tags: [], durationSeconds: null },
    ...{ startedAt: null, answeredAt: null, endedAt: null, recordingAvailable: false },
  },
  startScan: {
    ...{ status: 'running', trigger: 'api', finishedAt: null, packages: null },
    ...{ counts: null, new: null, fixed: null, outdated: null },
  },
}

function answerExample(
  operationId: string,
  content: Content | undefined,
  schemas: Readonly<Record<string, Schema>>,
): string[] {
  const json = jsonOf(content)
  const types = Object.keys(content ?? {}).map((type) => `\`${type}\``)
  if (json === undefined)
    return [types.length === 0 ? 'The answer has no body.' : `The answer is ${types.join(' or ')}.`]
  const example = exampleOf(json, schemas)
  if (example === undefined) return []
  const known = accepted[operationId]
  const shown = known === undefined ? example : Object.assign({}, example, known)
  return [fence('json', spelled(shown))]
}

const jsonOf = (content: Content = {}): Schema | undefined =>
  Object.entries(content).find(([type]) => /[/+]json$/.test(type))?.[1].schema

const resolved = (schema: Schema, schemas: Readonly<Record<string, Schema>>): Schema =>
  schema.$ref === undefined ? schema : (schemas[schema.$ref.split('/').at(-1) ?? ''] ?? schema)

/** JSON by lines, with lists of words in one line. */
const spelled = (example: Example): string =>
  JSON.stringify(example, null, 2).replace(/\[\n[^[\]{}]*\]/g, (list) =>
    list.replace(/\n\s*/g, ' ').replace('[ ', '[').replace(' ]', ']'),
  )

const fence = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``

/** A cell ends at a bar. */
const cell = (text: string): string => text.replaceAll('|', '\\|')

if (import.meta.main) {
  const caly = await startCaly()
  try {
    const { body } = await clientOf(caly)('GET', '/docs/json')
    await writeFile(file, apiPage(body))
  } finally {
    await caly.stop()
  }
}
