/** What a user of our document gets: a client made by openapi-typescript, under our own tsconfig. */
import { afterAll, beforeAll, expect, mock, test } from 'bun:test'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { clientOf } from '../support/client.ts'
import { type Caly, startCaly } from '../support/process.ts'

const run = promisify(execFile)
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Every type in it comes from the document: there is no cast, and a wrong field would not compile. */
const program = `
import createClient from 'openapi-fetch'
import type { components, paths } from './api.ts'

const [baseUrl = '', email = '', password = ''] = process.argv.slice(2)
const caly = createClient<paths>({ baseUrl })

const login = await caly.POST('/api/auth/login', { body: { email, password } })
if (login.error) throw new Error(login.error.detail)
const headers = { authorization: \`Bearer \${login.data.accessToken}\` }

const refused = await caly.POST('/api/calls', { headers, body: { from: 'nobody', to: 'nobody' } })
const faults = refused.error?.errors?.map(({ path }) => path)

const placed = await caly.POST('/api/calls', {
  headers,
  params: { header: { 'Idempotency-Key': 'generated-client' } },
  body: { from: '+919876543210', to: '+919812345678', customField: 'order 4711' },
})
if (placed.error) throw new Error(placed.error.detail)
const call: components['schemas']['Call'] = placed.data

const listed = await caly.GET('/api/calls', {
  headers,
  params: { query: { limit: 1, direction: call.direction } },
})
if (listed.error) throw new Error(listed.error.detail)
const ids: string[] = listed.data.items.map(({ id }) => id)
console.log(JSON.stringify({ faults, customField: call.customField, listed: ids.includes(call.id) }))
`

let caly: Caly
let folder: string

beforeAll(async () => {
  ;[caly, folder] = await Promise.all([startCaly(), mkdtemp(join(tmpdir(), 'caly-client-'))])
  // It builds what it writes with the API of TypeScript 5, which 7 has not.
  await mock.module('typescript', () => import('typescript-5'))
  const { default: openapiTS, astToString } = await import('openapi-typescript')
  const { body: document } = await clientOf(caly)('GET', '/docs/json')
  await writeFile(join(folder, 'api.ts'), astToString(await openapiTS(document)))
  await writeFile(join(folder, 'program.ts'), program)
  const tsconfig = { extends: join(root, 'tsconfig.json'), include: ['*.ts'] }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
}, 90_000)
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await caly.stop()
}, 30_000)

test('the generated client compiles in the strictest settings', async () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = await run(process.execPath, [tsc, '--project', folder]).catch(
    (failure: { readonly stdout: string }) => failure,
  )
  expect(stdout).toBe('')
}, 60_000)

test('the generated client logs in, places a call, is told of faults, and lists the call', async () => {
  const { email, password } = caly.admin
  const args = [join(folder, 'program.ts'), caly.baseUrl.href, email, password]
  const { stdout } = await run(process.execPath, args)
  expect(JSON.parse(stdout)).toEqual({
    faults: ['body.from', 'body.to'],
    customField: 'order 4711',
    listed: true,
  })
}, 30_000)
