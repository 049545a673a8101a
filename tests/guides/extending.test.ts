/** docs/extending.md, applied block by block to a copy of the repository: it compiles, and it serves. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { adminOf, type Client } from '../support/client.ts'
import { type Caly, eventually, startCaly } from '../support/process.ts'
import { blocksOf, shell } from '../support/readme.ts'
import { scratchFolder } from '../support/scratch.ts'

setDefaultTimeout(120_000)

const run = promisify(execFile)
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const page = 'docs/extending.md'
const parts = ['src', 'db', 'telemetry', 'package.json', 'tsconfig.json', 'bunfig.toml']

let copy: string
let caly: Caly
let admin: Client
let callId: string

/** Changes a file by lines with `+`, `-` and, where they go, a space. */
async function patch(file: string, lines: readonly string[]): Promise<void> {
  const path = join(copy, file)
  const text = await readFile(path, 'utf8')
  const without = (sign: string) =>
    lines.filter((line) => !line.startsWith(sign)).map((line) => `${line.slice(1)}\n`)
  const before = without('+').join('')
  expect([file, before, text.split(`\n${before}`).length]).toEqual([file, before, 2])
  await writeFile(
    path,
    text.replace(`\n${before}`, () => `\n${without('-').join('')}`),
  )
}

async function applyBlocks(): Promise<void> {
  const guide = await readFile(join(root, page), 'utf8')
  const blocks = [...guide.matchAll(/```(ts|diff)\n\/\/ (\S+)\n([\s\S]*?)```/g)]
  expect(blocks.length).toBe([...guide.matchAll(/```(?:ts|diff)\n/g)].length)
  for (const [, language, file = '', text = ''] of blocks)
    if (language === 'diff') await patch(file, text.trimEnd().split('\n'))
    else {
      await mkdir(dirname(join(copy, file)), { recursive: true })
      await writeFile(join(copy, file), text)
    }
}

beforeAll(async () => {
  copy = await scratchFolder('caly-extended-')
  for (const part of parts) await cp(join(root, part), join(copy, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  await applyBlocks()
  const [generate = ''] = await blocksOf('A table', page)
  await shell(generate.replace(/^bun /, `${process.execPath} `), { cwd: copy })
})

afterAll(async () => {
  await caly?.stop()
  await rm(copy, { recursive: true, force: true })
})

test('the code of the guide compiles in the strictest settings', async () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const said = await run(process.execPath, [tsc, '-p', copy], { cwd: copy }).then(
    ({ stdout }) => stdout,
    ({ message, stdout }: { message: string; stdout: string }) => message + stdout,
  )
  expect(said).toBe('')
})

test('the provider of the guide places calls, and they end', async () => {
  caly = await startCaly({
    script: join(copy, 'src/main.ts'),
    env: { CALY_PROVIDER: 'paper', RECONCILE_AFTER: '500' },
  })
  admin = await adminOf(caly)
  const numbers = { from: '+919999900001', to: '+919999900010' }
  const { body } = await admin('POST', '/api/calls', numbers)
  callId = body.id
  const call = await eventually(
    async () => (await admin('GET', `/api/calls/${callId}`)).body,
    ({ status }) => status === 'completed',
    60_000,
  )
  expect(call).toMatchObject({ providerCallId: `paper-${callId}`, durationSeconds: 0 })
})

test('the route writes a row and an event, the job and the metric tell when it is due', async () => {
  const { body } = await admin('POST', '/api/keys', {
    name: 'try',
    scopes: ['calls:write', 'audit:read'],
  })
  const [block = ''] = await blocksOf('Trying it', page)
  const env = { ...process.env, KEY: body.key, CALL_ID: callId }
  const ask = (command: string) => shell(command, { env })
  const [create = '', list = '', figures = ''] = block
    .replaceAll('localhost:3000', caly.baseUrl.host)
    .split(/\n(?=curl)/)
  expect(JSON.parse(await ask(create))).toMatchObject({ callId, toldAt: null })
  const { items } = JSON.parse(await ask(list))
  expect(items).toMatchObject([
    { eventType: 'FOLLOW_UP_CREATED', resourceId: callId, actorType: 'api_key' },
  ])
  await eventually(
    () => ask(figures),
    (text) => /^caly_follow_ups_total\S* 1$/m.test(text),
    30_000,
  )
  const wrong = await admin('POST', '/api/follow-ups', { callId: body.id, dueAt: 'soon', more: 1 })
  expect(wrong.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
    'body',
    'body.dueAt',
  ])
})

test('the hook sets its header on the path that it was given, and on no other', async () => {
  const sunset = async (path: string) => (await admin('GET', path)).headers.get('sunset')
  expect(await sunset('/api/auth/me')).toBe('Thu, 31 Jan 2030 00:00:00 GMT')
  expect(await sunset('/api')).toBeNull()
})
