/** The clock of a process that can be put forward and back while it runs, by Debian's `faketime`. */
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A clock. */
export interface FakedClock {
  /** For the process: its wall clock is faked, the one that only goes forward is not. */
  readonly env: Readonly<Record<string, string>>
  /** Has the process live so many seconds from now, within a second. 0: as everybody else. */
  set(seconds: number): Promise<void>
  close(): Promise<void>
}

/** @throws {Error} without the library */
export async function fakedClock(): Promise<FakedClock> {
  const folder = await mkdtemp(join(tmpdir(), 'caly-clock-'))
  const file = join(folder, 'offset')
  const set = async (seconds: number) => {
    // In one step: half a line would be another time.
    await writeFile(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`)
    await rename(`${file}.new`, file)
  }
  await set(0)
  return {
    env: {
      LD_PRELOAD: library(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
    set,
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Below a folder that is named after the processor. */
function library(): string {
  const found = readdirSync('/usr/lib')
    .map((folder) => `/usr/lib/${folder}/faketime/libfaketimeMT.so.1`)
    .find((path) => existsSync(path))
  if (found === undefined) throw new Error('tests/faults needs faketime: apt-get install faketime')
  return found
}
