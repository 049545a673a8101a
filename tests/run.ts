/**
 * Runs `bun test` and ends with one line `N passed, N failed`: `bun tests/run.ts [ARGUMENT …]`.
 * A skipped test counts as failed: what is not shown is not claimed.
 */
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** A test that says nothing else may take so long, in milliseconds: Bun's 5 s are a quiet machine's. */
const patience = ['--timeout', '20000']

/** How a run went. */
export interface Count {
  readonly passed: number
  readonly failed: number
}

/** The last line of every run. */
export const summary = ({ passed, failed }: Count): string => `${passed} passed, ${failed} failed\n`

/** Runs a command of this very Bun, shows what it prints, and keeps it. */
export function run(...args: readonly string[]): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        process.stdout.write(chunk)
        output += chunk.toString()
      })
    child.on('error', reject)
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}

/** Runs the tests in the given files and folders, all where none is given. */
export async function runTests(args: readonly string[]): Promise<Count> {
  // A folder that is named is meant, whatever bunfig.toml leaves out of a plain run.
  const named = args.some((argument) => !argument.startsWith('-'))
  const only = named ? ['--path-ignore-patterns', 'node_modules/**'] : []
  const { ok, output } = await run('test', ...patience, ...only, ...args)
  const total = (word: string) =>
    [...output.matchAll(new RegExp(`^ *(\\d+) ${word}`, 'gm'))].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    )
  const failed = total('fail') + total('skip') + total('todo')
  // A runner that crashes, or finds nothing to run, has failed too.
  return { passed: total('pass'), failed: ok ? failed : Math.max(1, failed) }
}

if (import.meta.main) {
  const count = await runTests(process.argv.slice(2))
  process.stdout.write(`\n${summary(count)}`)
  process.exitCode = count.failed === 0 && count.passed > 0 ? 0 : 1
}
