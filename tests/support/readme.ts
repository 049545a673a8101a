/** What stands in the README and the guides, run as it stands. */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The blocks of a chapter that are pasted into a shell, down to the next heading. */
export async function blocksOf(chapter: string, page = 'README.md'): Promise<string[]> {
  const readme = await readFile(join(root, page), 'utf8')
  const [, text = ''] = readme.split(`## ${chapter}\n`)
  const [body = ''] = text.split(/\n##+ /)
  return [...body.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)
}

/** Where a script runs, and what it sees. */
export interface ShellOptions {
  /** @default the repository's root */
  readonly cwd?: string
  /** @default that of the tests */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The command that runs it, and its arguments. @default bash */
  readonly command?: readonly [string, ...string[]]
}

/** What a script prints. @throws if any command of it fails */
export function shell(script: string, options: ShellOptions = {}): Promise<string> {
  const { cwd = root, env = process.env, command = ['bash'] } = options
  const [program, ...args] = [...command, '-euc', script] as [string, ...string[]]
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let printed = ''
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(printed) : reject(new Error(`exit code ${code}: ${script}`)),
    )
  })
}
