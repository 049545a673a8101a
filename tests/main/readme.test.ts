/** The README's first five minutes, pasted line by line, from a copy with nothing installed. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { eventually, freePort } from '../support/process.ts'
import { blocksOf, shell } from '../support/readme.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const needed = [
  'package.json',
  'bun.lock',
  'bunfig.toml',
  'tsconfig.json',
  'src',
  'db',
  'telemetry',
]

let folder: string
let up: ChildProcess
let output = ''
let port: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caly-readme-'))
  for (const name of needed) await cp(join(root, name), join(folder, name), { recursive: true })
  port = await freePort()
  up = spawn(process.execPath, ['run', 'up'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  for (const stream of [up.stdout, up.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  await eventually(
    async () => output,
    (text) => text.includes('API key'),
    90_000,
  )
}, 120_000)
afterAll(async () => {
  // The whole group, as Ctrl-C reaches it.
  if (up.pid !== undefined) process.kill(-up.pid, 'SIGINT')
  await new Promise((resolve) => up.once('exit', resolve))
  await rm(folder, { recursive: true, force: true })
}, 30_000)

const credential = (name: string) => new RegExp(`${name} +(\\S+)`).exec(output)?.[1] ?? ''

/** What a person would fill in. */
const filled = (block: string) =>
  block
    .replaceAll('localhost:3000', `localhost:${port}`)
    .replace('caly_live_…', credential('API key'))
    .replace('"password": "…"', `"password": "${credential('Password')}"`)

test('up says what it does while it does it, and where to look', () => {
  const steps = [
    'Installing dependencies',
    'Opening the embedded database',
    'Applied',
    'listens on',
  ]
  const places = steps.map((step) => output.indexOf(step))
  expect(places).not.toContain(-1)
  expect(places).toEqual([...places].sort((a, b) => a - b))
  expect(output).toContain('/docs')
  // Once, on the terminal; the log that follows does not have it.
  expect(output.split(credential('API key')).length).toBe(2)
  expect(output.split(credential('Password')).length).toBe(2)
})

test('each command of the first five minutes does what the text says', async () => {
  const blocks = (await blocksOf('The first five minutes')).map(filled)
  expect(blocks).toHaveLength(6)
  const [key, place, list, login, invalid, look] = blocks
  const placed = JSON.parse(await shell(`${key}\n${place}`))
  expect(placed).toMatchObject({ status: 'queued', to: '+919876543210' })
  const page = await eventually(
    async () => JSON.parse(await shell(`${key}\n${list}`)),
    ({ items }) => items[0].status === 'completed',
    20_000,
  )
  expect(page.items[0].id).toBe(placed.id)
  expect(JSON.parse(await shell(login ?? ''))).toMatchObject({ user: { role: 'admin' } })
  expect(JSON.parse(await shell(`${key}\n${invalid}`))).toMatchObject({ code: 'VALIDATION_FAILED' })
  const seen = await shell(look ?? '')
  expect(seen).toContain('"database":{"status":"pass"')
  expect(seen).toContain('http_route="/api/calls"')
}, 60_000)
