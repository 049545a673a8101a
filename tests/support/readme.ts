/** What stands in the README, run as it stands. */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The blocks of a chapter that are pasted into a shell. */
export async function blocksOf(chapter: string): Promise<string[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const [, text = ''] = readme.split(`## ${chapter}\n`)
  const [body = ''] = text.split('\n## ')
  return [...body.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)
}

/** What a script prints. @throws if any command of it fails */
export function shell(script: string, cwd = root): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-euc', script], { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
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
