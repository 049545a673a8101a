/** How long a start takes, from nothing to the first 200 of `/health/ready`. */

import { type Server, type Start, service, serviceEnv, start } from '../contenders.ts'
import { cpuOf } from '../cpu.ts'
import { fill } from '../filled.ts'
import { inTurns } from '../lanes.ts'
import type { Variables } from '../processes.ts'
import { median } from '../statistics.ts'
import type { Run, Section } from './run.ts'

/** Bare Elysia, and the service on a database that is there already: nothing is migrated. */
export async function starts(run: Run): Promise<Section> {
  const { site, runtime, rounds } = run
  const kinds: Omit<Start, 'runtime'>[] = [
    { name: 'bare Elysia', script: 'tests/bench/servers/bare.ts', ready: '/' },
  ]
  const add = (name: string, env: Variables) =>
    kinds.push({ name, script: service, env: { ...serviceEnv, ...env }, ready: '/health/ready' })
  const filled = await run.filled()
  if (filled.onServer) add('Caly, PostgreSQL', await filled.copy())
  const embedded = filled.onServer ? await fill(site, undefined) : filled
  add('Caly, embedded database', await embedded.copy())

  const results = kinds.map(() => ({ times: [] as number[], cpus: [] as number[] }))
  for (let round = 0; round < rounds; round++)
    for (const place of inTurns(kinds.length, round)) {
      const [kind, result] = [kinds[place], results[place]]
      if (kind === undefined || result === undefined) continue
      const startedAt = performance.now()
      const server = await start(site.processes, { ...kind, runtime })
      result.times.push(performance.now() - startedAt)
      result.cpus.push(cpuOf(server.pid) / 1000)
      await stop(server)
    }
  return {
    part: 'start',
    title: 'From nothing to ready',
    runtime,
    how: `From the start of the process to its first 200, asked every 5 ms; ${rounds} rounds in turns.`,
    rows: kinds.map(({ name }, place) => ({
      name,
      ready: median(results[place]?.times ?? []),
      readyCpu: median(results[place]?.cpus ?? []),
    })),
  }
}

const stop = ({ child }: Server): Promise<void> =>
  new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
