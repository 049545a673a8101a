/**
 * `bun run up`: from a fresh clone to a running service. Installs what the lockfile says, then
 * serves. Only `node:` modules are imported: nothing else is there yet.
 */
import { spawn, spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const cwd = dirname(dirname(fileURLToPath(import.meta.url)))

process.stdout.write('Installing dependencies from the lockfile\n')
const install = spawnSync(
  process.execPath,
  ['install', '--production', '--frozen-lockfile', '--silent'],
  { cwd, stdio: ['ignore', 'inherit', 'inherit'] },
)
if (install.status === 0) serve()
else {
  process.stderr.write('The dependencies could not be installed: is the npm registry in reach?\n')
  process.exitCode = 2
}

/** In a process of its own: this one still believes that no module is installed (Bun 1.4). */
function serve(): void {
  const service = spawn(process.execPath, ['src/main.ts'], { cwd, stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      // Ctrl-C reaches the whole group by itself; twice would mean "at once".
      if (signal === 'SIGTERM') service.kill(signal)
    })
  service.on('exit', (code) => process.exit(code ?? 1))
}
