/** The memory of a process, as Linux counts it. */
import { readFile, writeFile } from 'node:fs/promises'
import type { Caly } from '../../support/process.ts'

const file = ({ child }: Pick<Caly, 'child'>, name: string) => `/proc/${child.pid}/${name}`

/** The most that was resident since the start, or since {@linkcode forgetPeak}, in MB. */
export async function peakMemory(caly: Pick<Caly, 'child'>): Promise<number> {
  const [, kilobytes] =
    /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(file(caly, 'status'), 'utf8')) ?? []
  return Math.round(Number(kilobytes) / 1000)
}

/** From here on the peak is counted anew. */
export const forgetPeak = (caly: Pick<Caly, 'child'>): Promise<void> =>
  writeFile(file(caly, 'clear_refs'), '5')
