/** What a process holds in memory after it has been asked for a while. */
import { memoryOf } from '../cpu.ts'
import { load } from '../load.ts'
import type { Run, Section } from './run.ts'

/** Seconds that each is asked for before the other's turn. */
const turn = 5

/** Bare Elysia and the service, under full load in turns. */
export async function memory(run: Run): Promise<Section> {
  const { contenders, samplings, runtime, watched, connections } = run
  const servers = [await contenders.bare(), await contenders.service(Math.max(...samplings))]
  const megabytes = (pid: number) => memoryOf(pid) / 2 ** 20
  const before = servers.map(({ pid }) => megabytes(pid))
  const startedAt = performance.now()
  const passed = () => (performance.now() - startedAt) / 1000
  while (passed() < watched)
    for (const { origin } of servers)
      await load({ url: new URL('/api', origin), seconds: turn, connections })
  const after = passed()
  return {
    part: 'memory',
    title: 'Memory under GET /api',
    runtime,
    how: `${connections} connections at full load, ${turn} s each in turns.`,
    rows: servers.map(({ name, pid }, place) => ({
      name,
      rssAtStart: before[place] ?? Number.NaN,
      rss: megabytes(pid),
      after,
    })),
  }
}
