/** The embedded database: whose folder it is, what outlives a crash, and who may join. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { openDatabase } from '../../db/database.ts'
import { joinEmbedded } from '../../db/embedded/index.ts'
import { lockFolder, socketOf } from '../../db/embedded/lock.ts'
import { DataFolderLockedError } from '../../db/errors.ts'
import { databaseSettings, fillDataDir } from '../support/database.ts'

const holder = fileURLToPath(new URL('./fixtures/holder.ts', import.meta.url))
const children: ChildProcess[] = []
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caly-embedded-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

const open = (options: { join?: boolean; dataDir?: string } = {}) =>
  openDatabase({ settings: databaseSettings, dataDir: folder, ...options })

/** Another process that opens the folder; `says` waits for a line. */
function otherProcess() {
  const child = spawn(process.execPath, [holder, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const lines: string[] = []
  const listeners = new Set<() => void>()
  let rest = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    for (const listener of listeners) listener()
  })
  return {
    pid: child.pid,
    lines,
    says: (matches: (line: string) => boolean) =>
      new Promise<string>((resolve) => {
        const look = () => {
          const line = lines.find(matches)
          if (line === undefined) return
          listeners.delete(look)
          resolve(line)
        }
        listeners.add(look)
        look()
      }),
    kill: () =>
      new Promise<void>((resolve) => {
        child.once('close', () => resolve())
        child.kill('SIGKILL')
      }),
  }
}

test('rows that were acknowledged outlive a kill, and the folder is taken over at once', async () => {
  await fillDataDir(folder, false)
  for (let round = 0; round < 3; round++) {
    const writer = otherProcess()
    await writer.says((line) => line === `${20 + 15 * round}`)
    await writer.kill()
    const acknowledged = Math.max(...writer.lines.filter((line) => line !== 'open').map(Number))
    const start = performance.now()
    const { client, close } = await open()
    expect(performance.now() - start).toBeLessThan(15_000)
    const { rows } = await client.query('select count(*)::int as n from acknowledged')
    expect((rows[0] as { n: number }).n).toBeGreaterThanOrEqual(acknowledged)
    await client.query('truncate acknowledged')
    await close()
  }
}, 90_000)

test('a folder that a running process has is refused, with the folder and the process named', async () => {
  await fillDataDir(folder, false)
  const first = otherProcess()
  await first.says((line) => line === 'open')
  const error = await open().catch((fault) => fault)
  expect(error).toBeInstanceOf(DataFolderLockedError)
  expect(error.message).toBe(
    `The data folder ${folder} is in use by process ${first.pid}: stop that process, or set CALY_DATA_DIR to another folder`,
  )
  const second = otherProcess()
  expect(await second.says((line) => line.startsWith('refused'))).toBe(`refused ${first.pid}`)
}, 60_000)

test('a second process reads and writes beside the one that serves, each its own answers', async () => {
  await fillDataDir(folder, false)
  const server = otherProcess()
  await server.says((line) => line === 'open')
  expect(await joinEmbedded(folder)).toMatchObject({
    path: join(folder, 'socket', '.s.PGSQL.5432'),
  })
  const guest = await open({ join: true })
  expect(guest.embedded).toBe(true)
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      guest.client.query({
        text: n % 2 ? 'select $1::int as n' : 'select 0 as zero, $1::int as n',
        values: [n],
      }),
    ),
  )
  expect(answers.map(({ rows }) => (rows[0] as { n: number }).n)).toEqual([...Array(100).keys()])
  await guest.close()
  const before = server.lines.length
  await server.says(() => server.lines.length > before + 3)
}, 60_000)

test('the folder is for its owner alone, and closing leaves no socket and no claim', async () => {
  const database = await open()
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(statSync(join(folder, 'socket')).mode & 0o777).toBe(0o700)
  expect(await joinEmbedded(folder)).toBeDefined()
  await database.close()
  expect(existsSync(join(folder, 'socket'))).toBe(false)
  expect(await joinEmbedded(folder)).toBeUndefined()
  const again = await open()
  await again.close()
}, 60_000)

test('a folder whose path is too long for a socket is served all the same', async () => {
  const dataDir = join(folder, 'a-rather-long-name-for-a-folder'.repeat(4))
  await fillDataDir(dataDir, false)
  const database = await open({ dataDir })
  const target = await joinEmbedded(dataDir)
  expect(target?.path?.length).toBeLessThan(100)
  const guest = await open({ dataDir, join: true })
  expect((await guest.client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await guest.close()
  await database.close()
  expect(existsSync(target?.path ?? '')).toBe(false)
}, 60_000)

test('of many that find a dead holder one gets the folder, every time', async () => {
  for (let round = 0; round < 20; round++) {
    // Its process number is beyond what Linux gives out.
    const dead = { pid: 2 ** 22 + 1, startedAt: 'long ago/1', socket: null, released: false }
    await writeFile(join(folder, `lock.${round * 10 + 1}`), JSON.stringify(dead))
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => lockFolder(folder)))
    const winners = results.flatMap((result) =>
      result.status === 'fulfilled' ? [result.value] : [],
    )
    expect(winners).toHaveLength(1)
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(DataFolderLockedError)
    winners[0]?.release()
    expect(readdirSync(folder).filter((name) => name.startsWith('lock'))).toHaveLength(1)
    expect(await socketOf(folder)).toBeUndefined()
  }
})

test('a process number that was given to another process since is not taken for the holder', async () => {
  const recycled = { pid: process.pid, startedAt: 'another boot/42', socket: null, released: false }
  await writeFile(join(folder, 'lock.1'), JSON.stringify(recycled))
  const lock = await lockFolder(folder)
  lock.release()
})
