/**
 * `bun run check`: on a fresh clone, installs everything, then types, lint and every test. Ends
 * with one line `N passed, N failed`; types and lint count as one check each.
 */
import process from 'node:process'
import { run, runTests, summary } from './run.ts'

/** Test files at a time: most of them wait for processes of their own. */
const parallel = '--parallel=3'

let passed = 0
let failed = 0

async function check(title: string, ...command: readonly string[]): Promise<boolean> {
  process.stdout.write(`\n${title}\n`)
  const { ok } = await run(...command)
  if (ok) passed++
  else failed++
  return ok
}

process.stdout.write('Installing dependencies from the lockfile\n')
const installed = await run('install', '--frozen-lockfile', '--silent')
if (installed.ok) {
  await Promise.all([
    check('Types', 'x', 'tsc'),
    check('Lint', 'x', 'biome', 'check', '--error-on-warnings', '.'),
  ])
  process.stdout.write('\nTests\n')
  const tests = await runTests([parallel, ...process.argv.slice(2)])
  passed += tests.passed
  failed += tests.failed
} else {
  process.stderr.write('The dependencies could not be installed: is the npm registry in reach?\n')
  failed++
}
process.stdout.write(`\n${summary({ passed, failed })}`)
process.exitCode = failed === 0 ? 0 : 1
