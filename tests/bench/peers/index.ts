/**
 * Caly beside other frameworks whose plugins do the same work: security headers, a rate limit, ids,
 * a log line, problems for errors, a span of every request to a collector. Everybody's work is
 * compared first.
 */
import { bareName, start } from '../contenders.ts'
import { besides, runLanes } from '../lanes.ts'
import { medianRatio } from '../statistics.ts'
import type { Run, Section } from '../whole/run.ts'
import { bare, caly, installPeers, nodeVersion, peers, variables } from './contenders.ts'
import { compareAnswers, compareWork, jobs, workOf } from './sameness.ts'

const raisedLimit = 999_999_999

/**
 * Compares, and measures: once, not for each runtime.
 *
 * @throws {Error} naming the first that does not do the same work
 */
export async function benchPeers(run: Run): Promise<readonly Section[]> {
  const { site, rounds, seconds, connections } = run
  if (run.runtime !== 'bun') {
    run.onLeftOut('the peers under Deno: each is measured on the runtime that it is made for.')
    return []
  }
  installPeers()
  const expected = await workOf(caly)
  for (const peer of peers) await compareWork(peer, expected)
  const collector = await site.collector()
  const running = []
  for (const contender of [bare, caly, ...peers]) {
    const { name, script, runtime } = contender
    const env = variables(collector, raisedLimit)
    running.push({
      contender,
      ...(await start(site.processes, { name, script, env, runtime, ready: '/' })),
    })
  }
  await compareAnswers(running)
  const sections: Section[] = []
  for (const { name: job, path, body } of jobs) {
    const question = { path, ...(body !== undefined && { body }) }
    const results = await runLanes(
      running.map((server) => ({ ...server, question })),
      run,
    )
    const rows = besides(results, bareName)
    const [best] = rows
      .filter(({ name }) => peers.some((peer) => peer.name === name))
      .toSorted((one, other) => other.rate - one.rate)
    const ratesOf = (wanted: string | undefined) =>
      results.find(({ name }) => name === wanted)?.rates ?? []
    const toBest = medianRatio(ratesOf(caly.name), ratesOf(best?.name))
    sections.push({
      part: 'peers',
      title: `${job} beside other frameworks`,
      runtime: 'bun',
      how:
        `Caly is ${toBest.toFixed(2)} times the best peer, ${best?.name}. Everybody did the same work, ` +
        `compared before; every request sampled; Express and Fastify on ${nodeVersion}. ` +
        `${connections} connections, ${rounds} rounds of ${seconds} s that take turns.`,
      rows,
    })
  }
  for (const { child } of running) child.kill('SIGKILL')
  return sections
}
