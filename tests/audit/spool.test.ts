import { afterEach, beforeEach, expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import {
  appendFile,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { v7 as uuidv7 } from 'uuid'
import { type AuditRow, auditRow, openSpool, rowMacs } from '../../src/audit/index.ts'
import type { Spool } from '../../src/audit/spool/index.ts'
import { readName, writeName } from '../../src/audit/spool/names.ts'
import { entryOf, trailClientId, trailKeyring } from '../support/audit/trail.ts'

let folder: string
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'caly-spool-')), 'audit-spool')
})
afterEach(async () => {
  for (const spool of opened.splice(0)) await spool.close()
  await rm(join(folder, '..'), { recursive: true, force: true })
})

const maker = { macs: rowMacs(trailKeyring), platformClientId: () => trailClientId }
const rows = (count: number): AuditRow[] =>
  Array.from({ length: count }, (_, index) =>
    auditRow(entryOf(`${index} "\n\u2028 ü`), { id: uuidv7(), at: Date.now() + index }, maker),
  )
const opened: Spool[] = []
function open(options: { limit?: number; segmentSize?: number } = {}): Spool {
  const spool = openSpool({ folder, limit: 2 ** 20, ...options })
  opened.push(spool)
  return spool
}
const files = async () => (await readdir(folder)).sort()

/** Everything that a spool holds, in order. */
async function drain(spool: Spool) {
  const found: AuditRow[] = []
  let damaged = 0
  for (let file = await spool.oldest(); file !== undefined; file = await spool.oldest()) {
    found.push(...file.rows)
    damaged += file.damaged
    await file.remove()
  }
  return { found, damaged }
}

/** Renames the only file as if a process that is dead now had made it. */
async function orphan(): Promise<void> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await new Promise((resolve) => child.once('close', resolve))
  const [name = ''] = await files()
  const known = readName(name)
  if (known === undefined || child.pid === undefined) throw new Error(`What is ${name}?`)
  const owner = { ...known.owner, pid: child.pid, start: '00000000' }
  await rename(join(folder, name), join(folder, writeName({ ...known, owner })))
}

test('rows come back as they were written, in their order, over several files', async () => {
  const spool = open({ segmentSize: 2000 })
  const written = rows(10)
  for (const row of written) await spool.append([row])
  expect((await files()).length).toBeGreaterThan(2)
  expect(spool.bytes()).toBeGreaterThan(5000)
  expect((await drain(spool)).found).toEqual(written)
  expect(spool.bytes()).toBe(0)
  expect(await files()).toEqual([])
})

test('the folder and its files are their owner’s alone', async () => {
  await open().append(rows(1))
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  const [name = ''] = await files()
  expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
})

test('what a dead process left is taken over, and what it died in is counted: somebody may have been told', async () => {
  const written = rows(3)
  await open().append(written)
  const [name = ''] = await files()
  const text = await readFile(join(folder, name), 'utf8')
  await writeFile(join(folder, name), text.slice(0, -40))
  await orphan()
  const spool = open()
  await spool.adopt()
  expect(await drain(spool)).toEqual({ found: written.slice(0, 2), damaged: 1 })
})

/** What a dead process left, after somebody else had it in hand. */
async function adopted(written: AuditRow[][], change: (bytes: Buffer) => Buffer) {
  const dead = open()
  for (const rows of written) await dead.append(rows)
  const [name = ''] = await files()
  await writeFile(join(folder, name), change(await readFile(join(folder, name))))
  await orphan()
  const spool = open()
  await spool.adopt()
  return drain(spool)
}

/** Ends of a file, and how many of its five rows are lost by them. */
const ends: readonly (readonly [string, (bytes: Buffer) => Buffer, number])[] = [
  ['whole', (bytes) => bytes, 0],
  ['cut in its last line', (bytes) => bytes.subarray(0, -20), 1],
  ['without its last line feed', (bytes) => bytes.subarray(0, -1), 0],
  ['cut after its third row', (bytes) => bytes.subarray(0, startOf(bytes, 3)), 2],
  ['cut in its second row', (bytes) => bytes.subarray(0, startOf(bytes, 2) - 9), 4],
  ['followed by zeros', (bytes) => Buffer.concat([bytes, Buffer.alloc(100)]), 1],
  ['of zeros', (bytes) => Buffer.alloc(bytes.length), 1],
]
for (const [end, change, lost] of ends)
  test(`a dead process’s file that is ${end} has ${lost} damaged`, async () => {
    const { damaged } = await adopted([rows(5)], change)
    expect(damaged).toBe(lost)
  })

/** Where a line begins. */
function startOf(bytes: Buffer, line: number): number {
  let at = 0
  for (let passed = 0; passed < line; passed += 1) at = bytes.indexOf('\n', at) + 1
  return at
}

test('a line feed that was changed costs the two rows beside it, and both are counted', async () => {
  const written = rows(3)
  const { found, damaged } = await adopted([written], (bytes) => {
    bytes[startOf(bytes, 1) - 1] = 0x20
    return bytes
  })
  expect(found).toEqual(written.slice(2))
  expect(damaged).toBe(2)
})

test('of its own file a process knows how many rows were acknowledged, wherever it is cut', async () => {
  const spool = open()
  for (const row of rows(3)) await spool.append([row])
  const [name = ''] = await files()
  const bytes = await readFile(join(folder, name))
  await writeFile(join(folder, name), bytes.subarray(0, startOf(bytes, 1)))
  expect((await drain(spool)).damaged).toBe(2)
})

test('what stands behind the last acknowledged row of its own file is no damage', async () => {
  const spool = open()
  await spool.append(rows(2))
  const [name = ''] = await files()
  await appendFile(join(folder, name), '00000000 12 2 3 {"half')
  const { found, damaged } = await drain(spool)
  expect([found.length, damaged]).toEqual([2, 0])
})

test('of damaged files the newest sixteen are kept, and the names of the others are told', async () => {
  const forgotten: string[] = []
  const spool = openSpool({ folder, limit: 2 ** 20, onForget: (name) => forgotten.push(name) })
  opened.push(spool)
  const begun: string[] = []
  for (let file = 0; file < 18; file += 1) {
    await spool.append(rows(1))
    begun.push(...(await files()).filter((name) => name.endsWith('.segment')))
    await (await spool.oldest())?.setAside()
  }
  const names = begun.map((name) => `${name}.damaged`)
  expect(forgotten).toEqual(names.slice(0, 2))
  expect(await files()).toEqual(names.slice(2))
})

test('damaged files are within the spool’s bound, and go where rows need the room', async () => {
  const spool = open({ limit: 4000 })
  await spool.append(rows(3))
  await (await spool.oldest())?.setAside()
  expect(spool.bytes()).toBe(0)
  await spool.append(rows(1))
  expect((await files()).filter((name) => name.endsWith('.damaged'))).toHaveLength(1)
  await spool.append(rows(3))
  expect((await files()).filter((name) => name.endsWith('.damaged'))).toEqual([])
  expect((await drain(spool)).found).toHaveLength(4)
})

test('a line that was changed on the disk is counted, and costs itself only', async () => {
  const written = rows(5)
  const spool = open()
  await spool.append(written)
  const [name = ''] = await files()
  const text = await readFile(join(folder, name), 'utf8')
  await writeFile(join(folder, name), text.replace('request-2', 'request-7'))
  const { found, damaged } = await drain(spool)
  expect(damaged).toBe(1)
  expect(found).toEqual(written.filter((_, index) => index !== 2))
})

test('a file of a process that lives is left alone', async () => {
  const one = open()
  await one.append(rows(1))
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  try {
    const [name = ''] = await files()
    const known = readName(name)
    if (known === undefined || child.pid === undefined) throw new Error(`What is ${name}?`)
    const owner = { ...known.owner, pid: child.pid }
    await rename(join(folder, name), join(folder, writeName({ ...known, owner })))
    const other = open()
    await other.adopt()
    expect(await other.oldest()).toBeUndefined()
  } finally {
    child.kill()
  }
})

test('a process whose file was taken while it wrote writes the rows again into another', async () => {
  const [first = [], second = []] = [rows(1), rows(1)]
  const alive = open()
  await alive.append(first)
  await orphan()
  const taker = open()
  await taker.adopt()
  await alive.append(second)
  expect((await drain(taker)).found.slice(0, 1)).toEqual(first)
  expect((await drain(alive)).found).toEqual(second)
})

test('rows beyond the limit are refused, and fit once others are gone', async () => {
  const spool = open({ limit: 3000 })
  await spool.append(rows(3))
  await expect(spool.append(rows(3))).rejects.toThrow('The spool is full')
  await drain(spool)
  await spool.append(rows(3))
  expect((await drain(spool)).found).toHaveLength(3)
})

test('a folder that cannot be made is a full spool, and may be made later', async () => {
  await writeFile(folder, 'a file')
  const spool = open()
  await expect(spool.append(rows(1))).rejects.toThrow('The disk takes no more of the spool')
  await rm(folder)
  const written = rows(1)
  await spool.append(written)
  expect((await drain(spool)).found).toEqual(written)
})

test('what is no file of the spool is left where it is', async () => {
  const spool = open()
  await spool.append(rows(1))
  await appendFile(join(folder, 'notes.txt'), 'mine')
  await spool.adopt()
  await drain(spool)
  expect(await files()).toEqual(['notes.txt'])
})
