/** `caly` commands as an operator runs them, each a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type Caly, testedRuntime } from './process.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const script = join(root, 'src/cli.ts')

/** How a command is run. */
export interface CommandOptions {
  /** All that it sees of the environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin?: string
  /** @default the repository's root */
  readonly cwd?: string
  /** Is handed the running process. */
  readonly meanwhile?: (child: ChildProcess) => void
}

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  /** The standard output. */
  readonly out: string
  /** The standard error. */
  readonly error: string
  /** Both, as they came. */
  readonly output: string
}

/** Runs `caly …`, on the runtime under test. */
export function caly(
  args: readonly string[],
  { env, stdin = '', cwd = root, meanwhile }: CommandOptions,
): Promise<Ended> {
  const command = testedRuntime === 'deno' ? 'deno' : process.execPath
  const runtimeArgs = testedRuntime === 'deno' ? ['run', '-A', script] : [script]
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...runtimeArgs, ...args], {
      cwd,
      env: { ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const said = { out: '', error: '', output: '' }
    const hear = (stream: 'out' | 'error') => (chunk: Buffer) => {
      said[stream] += chunk.toString()
      said.output += chunk.toString()
    }
    child.stdout.on('data', hear('out'))
    child.stderr.on('data', hear('error'))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...said }))
    child.stdin.end(stdin)
    meanwhile?.(child)
  })
}

/** How a command beside a service ended. */
export interface Ran extends Ended {
  /** The word behind a label that it printed: `Client 0190…`. */
  word(label: string): string
}

/** Runs `caly …` beside a service, with that one's environment. */
export async function runCommand(
  { env }: Pick<Caly, 'env'>,
  args: readonly string[],
  options: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ran> {
  const ended = await caly(args, { ...options, env: { ...env, ...options.env } })
  return {
    ...ended,
    word(label) {
      const [, word] = new RegExp(`^${label} (\\S+)$`, 'm').exec(ended.output) ?? []
      if (word === undefined) throw new Error(`There is no ${label} in:\n${ended.output}`)
      return word
    },
  }
}
