import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type Runtime, runtimeCommand } from '../support/process.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Variables of a process; beside them it gets `PATH`, `HOME` and no more. */
export type Variables = Readonly<Record<string, string>>

/** What a contender runs on: Caly's runtimes, and Node, which other frameworks are made for. */
export type BenchRuntime = Runtime | 'node'

/** All of this bench that were started: none outlives it, however it ends. */
const started = new Set<ChildProcess>()

/** Registered with the first of them. */
function killAll(): void {
  for (const child of started) child.kill('SIGKILL')
}

/** The processes of one bench. */
export class Processes {
  readonly #children: ChildProcess[] = []
  #killed = false

  /**
   * Starts a script of this repository. What it prints is read by nobody, but for its errors.
   *
   * @param runtime @default this very Bun
   */
  start(script: string, env: Variables, runtime: BenchRuntime = 'bun'): ChildProcess {
    // The log is written, and read by nobody.
    return this.#spawn(script, env, runtime, 'ignore')
  }

  /** Starts a script, and tells at any time what it has printed so far. */
  overheard(script: string, env: Variables, runtime: BenchRuntime): () => string {
    let output = ''
    this.#spawn(script, env, runtime, 'pipe').stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    return () => output
  }

  /**
   * Runs a script to its end, and reads what it prints as JSON.
   *
   * @throws {Error} if it fails
   */
  async told(script: string, env: Variables, runtime: Runtime = 'bun'): Promise<unknown> {
    const child = this.#spawn(script, env, runtime, 'pipe')
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`${script} ended with ${code}`)
    return JSON.parse(output)
  }

  /** Ends what somebody else started, too, should it still run then. */
  adopt(child: ChildProcess): void {
    this.#children.push(child)
    if (started.size === 0) process.once('exit', killAll)
    started.add(child)
    child.once('exit', () => started.delete(child))
  }

  /** Ends all that still run; nothing can be started any more. */
  kill(): void {
    this.#killed = true
    for (const child of this.#children) child.kill('SIGKILL')
  }

  #spawn(script: string, env: Variables, runtime: BenchRuntime, output: 'pipe' | 'ignore') {
    if (this.#killed) throw new Error('The bench is over')
    const [command, args] =
      runtime === 'node' ? ['node', [script]] : runtimeCommand(runtime, script)
    const child = spawn(command, args, {
      cwd: root,
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
      stdio: ['ignore', output, 'inherit'],
    })
    this.adopt(child)
    return child
  }
}

/** Longest start: the embedded database's first one takes some seconds. */
const startLimit = 60_000

/**
 * Waits until something answers there.
 *
 * @throws {Error} if it does not, or its process has ended
 */
export async function answering(url: URL, child?: ChildProcess): Promise<void> {
  const deadline = performance.now() + startLimit
  let status: number | undefined
  while (performance.now() < deadline) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    status = answer?.status
    const ending = child?.exitCode ?? child?.signalCode
    if (ending != null) throw new Error(`What was to answer at ${url} has ended with ${ending}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`${url} does not answer${status === undefined ? '' : ` but ${status}`}`)
}

/** What all figures of a run are worth no more than. */
export const machine = (): string =>
  `Bun ${process.versions['bun']}, ${cpus().length} × ${cpus()[0]?.model}`
