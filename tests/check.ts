/**
 * `bun run check`: on a fresh clone, installs everything, then types, lint and every test. Ends
 * with one line `N passed, N failed`; types and lint count as one check each.
 */
import { spawn, spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

interface Outcome {
  readonly ok: boolean
  readonly output: string
}

/** Runs a command of this very Bun, shows what it prints, and keeps it. */
function run(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        process.stdout.write(chunk)
        output += chunk.toString()
      })
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}

const total = (output: string, word: string) =>
  [...output.matchAll(new RegExp(`^ *(\\d+) ${word}`, 'gm'))].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )

process.stdout.write('Installing dependencies from the lockfile\n')
const install = spawnSync(process.execPath, ['install', '--frozen-lockfile', '--silent'], {
  cwd: root,
  stdio: 'inherit',
})
let passed = 0
let failed = 0
const count = (ok: boolean) => (ok ? passed++ : failed++)

if (install.status === 0) {
  process.stdout.write('\nTypes\n')
  count((await run('x', 'tsc')).ok)
  process.stdout.write('\nLint\n')
  count((await run('x', 'biome', 'check', '--error-on-warnings', '.')).ok)
  process.stdout.write('\nTests\n')
  const tests = await run('test', ...process.argv.slice(2))
  passed += total(tests.output, 'pass')
  // A crash of the runner, or a test that skips itself, is a failure too.
  const failures = total(tests.output, 'fail') + total(tests.output, 'skip')
  failed += tests.ok ? failures : Math.max(1, failures)
} else {
  process.stderr.write('The dependencies could not be installed: is the npm registry in reach?\n')
  failed++
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
