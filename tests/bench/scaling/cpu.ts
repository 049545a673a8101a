/** What processes have used of the machine, as Linux counts it. */
import { readdirSync, readFileSync } from 'node:fs'

/** Ticks of the processor's clock in a second: Linux tells all programs so. */
const ticks = 100

/** Seconds of CPU that processes have used, with their children, those that ended included. */
export function cpuSeconds(pids: readonly (number | undefined)[]): number {
  const wanted = new Set(pids)
  let used = 0
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const [parent, user, system, childUser, childSystem] = statOf(name)
    const own = wanted.has(Number(name))
    if (own) used += user + system + childUser + childSystem
    else if (wanted.has(parent)) used += user + system
  }
  return used / ticks
}

/** Whose child a process is, and the clock ticks of itself and of its children that have ended. */
function statOf(pid: string): [number, number, number, number, number] {
  try {
    // Behind the name, which may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    const at = (index: number) => Number(fields[index])
    return [at(1), at(11), at(12), at(13), at(14)]
  } catch {
    return [0, 0, 0, 0, 0]
  }
}

/** Whose child a process is. */
export const parentOf = (pid: number): number => statOf(String(pid))[0]
