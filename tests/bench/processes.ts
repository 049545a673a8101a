import { type ChildProcess, spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type Runtime, runtimeCommand } from '../support/process.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Variables of a process; beside them it gets `PATH` and no more. */
export type Variables = Readonly<Record<string, string>>

/** The processes of one bench. */
export class Processes {
  readonly #children: ChildProcess[] = []

  /**
   * Starts a script of this repository. What it prints is read by nobody, but for its errors.
   *
   * @param runtime @default this very Bun
   */
  start(script: string, env: Variables, runtime: Runtime = 'bun'): ChildProcess {
    const [command, args] = runtimeCommand(runtime, script)
    const child = spawn(command, args, {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      // The log is written, and read by nobody.
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    this.#children.push(child)
    return child
  }

  /** Ends all that still run. */
  kill(): void {
    for (const child of this.#children) child.kill('SIGKILL')
  }
}

/** Longest start: the embedded database's first one takes some seconds. */
const startLimit = 60_000

/** Waits until something answers there. */
export async function answering(url: URL): Promise<void> {
  const deadline = performance.now() + startLimit
  while (performance.now() < deadline) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${url} does not answer`)
}

/** The value in the middle. */
export const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN

/** What all figures of a run are worth no more than. */
export const machine = (): string =>
  `Bun ${process.versions['bun']}, ${cpus().length} × ${cpus()[0]?.model}`
