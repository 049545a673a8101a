/**
 * `bun run up`: from a fresh clone to a running service. Installs what the lockfile says, then
 * serves from this very process, so that signals reach it. Only `node:` modules are imported
 * before the installation.
 */
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

process.stdout.write('Installing dependencies from the lockfile\n')
const { status } = spawnSync(
  process.execPath,
  ['install', '--production', '--frozen-lockfile', '--silent'],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
)
if (status === 0) {
  const { main } = await import('./main.ts')
  await main()
} else {
  process.stderr.write('The dependencies could not be installed: is the npm registry in reach?\n')
  process.exitCode = 2
}
