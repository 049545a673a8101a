/** `caly` commands as an operator runs them, each a process of its own. */
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type Caly, testedRuntime } from './process.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** How a command ended. */
export interface Ran {
  readonly code: number | null
  /** Both streams. */
  readonly output: string
  /** The word behind a label that it printed: `Client 0190…`. */
  word(label: string): string
}

/** Runs `caly …` beside a service, with that one's environment. */
export function runCommand(
  { env }: Pick<Caly, 'env'>,
  args: readonly string[],
  options: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ran> {
  const command = testedRuntime === 'deno' ? 'deno' : process.execPath
  const runtimeArgs = testedRuntime === 'deno' ? ['run', '-A', 'src/cli.ts'] : ['src/cli.ts']
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...runtimeArgs, ...args], {
      cwd: root,
      env: { ...env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString()
      })
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({
        code,
        output,
        word(label) {
          const [, word] = new RegExp(`^${label} (\\S+)$`, 'm').exec(output) ?? []
          if (word === undefined) throw new Error(`There is no ${label} in:\n${output}`)
          return word
        },
      }),
    )
    child.stdin.end(options.stdin ?? '')
  })
}
