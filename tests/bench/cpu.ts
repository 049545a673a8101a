/** CPU time of another process, as the system counts it: whatever runs in it, it need not help. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'

/** Microseconds of CPU in a tick of `/proc`: 10,000 on all of today's machines. */
const tick = 1e6 / Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout || 100)

/**
 * Microseconds of CPU that a process has taken so far, user and system, all threads together, and
 * those of processes that it started (`deno` from npm may be a script that starts another).
 *
 * @throws {Error} if it has ended
 */
export function cpuOf(pid: number): number {
  if (process.platform !== 'linux') return cpuByPs(pid)
  const own = cpuTicks(readFileSync(`/proc/${pid}/stat`, 'utf8')) * tick
  return childrenOf(pid).reduce((sum, child) => sum + cpuOf(child), own)
}

/** Bytes of memory that a process holds now (its resident set), with its children. */
export function memoryOf(pid: number): number {
  if (process.platform !== 'linux') return Number(ps(pid, 'rss')) * 1024
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return childrenOf(pid).reduce((sum, child) => sum + memoryOf(child), Number(resident) * 1024)
}

/**
 * Ticks in a line of `/proc/<pid>/stat` (proc(5)): user and system. The second field is the
 * program's name in brackets, which may hold blanks and brackets itself.
 */
export function cpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // The 14th and 15th, of which this begins with the third.
  return Number(fields[11]) + Number(fields[12])
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' '))
    .filter((child) => child !== '')
    .map(Number)
}

/** `ps` knows hundredths of a second at best: `1-02:03:04.05`. */
function cpuByPs(pid: number): number {
  const [time = '', days = 0] = ps(pid, 'time').split('-').reverse()
  const seconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return (Number(days) * 86_400 + seconds) * 1e6
}

const ps = (pid: number, field: string): string =>
  spawnSync('ps', ['-o', `${field}=`, '-p', String(pid)], { encoding: 'utf8' }).stdout.trim()
