import { expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { cpuOf, cpuTicks, memoryOf } from './cpu.ts'

test('ticks are read behind a program name that has brackets and blanks', () => {
  const fields = '1 1 1 0 -1 4194304 100 0 0 0 123 45 6 7 20 0 9 0 100 1000 10'
  expect(cpuTicks(`42 (bun) S ${fields}`)).toBe(168)
  expect(cpuTicks(`42 (a ) (b) R 9) S ${fields}`)).toBe(168)
})

test('the CPU time of a process has what its child and all threads took, and its memory the child', async () => {
  const burn = `
    const until = (limit) => { while (process.cpuUsage().user < limit) Math.sqrt(2) }
    until(100_000)
    console.log(JSON.stringify(process.cpuUsage()))
    setInterval(() => {}, 1000)`
  // A shell that waits for its child, as some programs from npm do.
  const child = spawn('sh', ['-c', '"$0" -e "$1"; true', process.execPath, burn], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  try {
    const [told] = await once(child.stdout, 'data')
    const { user, system } = JSON.parse(String(told))
    const pid = child.pid ?? 0
    const taken = cpuOf(pid)
    expect(taken).toBeGreaterThan((user + system) * 0.7)
    expect(taken).toBeLessThan((user + system) * 1.5 + 500_000)
    expect(memoryOf(pid)).toBeGreaterThan(10 * 2 ** 20)
  } finally {
    // The shell and what it started.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
})
