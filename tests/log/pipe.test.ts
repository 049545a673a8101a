/** A log that nobody takes: real processes, real pipes. */
import { afterEach, expect, test } from 'bun:test'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { testedRuntime } from '../support/process.ts'

const script = fileURLToPath(new URL('./fixtures/chatter.ts', import.meta.url))
let child: ChildProcess | undefined

afterEach(() => {
  child?.kill('SIGKILL')
})

/** More than a pipe and the log's own queue hold. */
const lines = 20_000

async function chatter(stdout: 'pipe' | number) {
  const [command, ...args] =
    testedRuntime === 'deno' ? ['deno', 'run', '-A', script] : [process.execPath, script]
  const started = spawn(command, [...args, String(lines)], { stdio: ['pipe', stdout, 'pipe'] })
  child = started
  const exit = once(started, 'exit')
  if (started.stderr === null || started.stdin === null) throw new Error('no pipes')
  const reports = createInterface({ input: started.stderr })[Symbol.asyncIterator]()
  const report = async () => JSON.parse(String((await reports.next()).value))
  const { stdin } = started
  return { child: started, report, goOn: () => stdin.write('on\n'), exit }
}

test('a pipe that nobody reads costs lines, which are counted and told once somebody does', async () => {
  const { child, report, goOn, exit } = await chatter('pipe')
  const first = await report()
  expect(first.lost).toBeGreaterThan(5000)
  expect(first.longest).toBeLessThan(500)
  expect(first.flushed).toBeLessThan(1000)
  expect(first.memory).toBeLessThan(400 * 1024 * 1024)

  const written: { msg: string; line?: number; lines?: number }[] = []
  if (child.stdout === null) throw new Error('no pipe')
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => written.push(JSON.parse(line)))
  const closed = once(reader, 'close')
  goOn()
  expect(await report()).toEqual({ lost: first.lost })
  const [code] = await exit
  await closed
  expect(code).toBe(0)
  const told = written.filter(({ lines }) => lines !== undefined)
  expect(told).toEqual([
    expect.objectContaining({
      level: 'warn',
      lines: first.lost,
      msg: `${first.lost} lines were lost`,
    }),
  ])
  expect(written.filter(({ msg }) => msg === 'chatter')).toHaveLength(lines - first.lost)
  expect(written.map(({ msg }) => msg)).toContain('after')
}, 60_000)

test('a pipe whose reader has gone costs all lines, and nothing else', async () => {
  const { child, report, goOn, exit } = await chatter('pipe')
  child.stdout?.destroy()
  const first = await report()
  expect(first.lost).toBeGreaterThan(lines / 2)
  expect(first.longest).toBeLessThan(500)
  goOn()
  await report()
  expect((await exit)[0]).toBe(0)
}, 60_000)

test('a full disk costs lines, and nothing else', async () => {
  const full = openSync('/dev/full', 'w')
  const { report, goOn, exit } = await chatter(full)
  closeSync(full)
  const first = await report()
  expect(first.lost).toBeGreaterThan(5000)
  expect(first.longest).toBeLessThan(500)
  goOn()
  await report()
  expect((await exit)[0]).toBe(0)
}, 60_000)
