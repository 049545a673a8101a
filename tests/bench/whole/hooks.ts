/** The price list: what each part of Caly costs alone, above bare Elysia. */
import { bareName, type Server, start } from '../contenders.ts'
import { besides, runLanes } from '../lanes.ts'
import { echoBody } from './jobs.ts'
import type { Run, Section } from './run.ts'

/** Parts that have something to do for an ordinary request, in the order in which they run. */
const hooks = [
  'request-context',
  'telemetry',
  'request-log',
  'security-headers',
  'sane-request',
  'cors',
  'overload',
  'body-limit',
  'rate-limit',
  'validation',
  'anomaly',
  'errors',
]

/** Each alone, by way of its plugin, around the same two routes. */
export async function priceList(run: Run): Promise<Section> {
  const { site, runtime, contenders, samplings, rounds, seconds, connections } = run
  const { origin: collector } = await site.collector()
  const alone = (name: string, HOOK: string, env = {}) =>
    start(site.processes, {
      name,
      script: 'tests/bench/servers/hook.ts',
      env: { HOOK, OTEL_EXPORTER_OTLP_ENDPOINT: collector, ...env },
      runtime,
      ready: '/',
    })
  const servers: Server[] = [await contenders.bare()]
  for (const hook of hooks)
    if (hook !== 'telemetry') servers.push(await alone(hook, hook))
    else
      for (const percent of samplings)
        servers.push(
          await alone(`${hook}, ${percent} % sampled`, hook, {
            SAMPLE_RATIO: String(percent / 100),
          }),
        )
  servers.push(await contenders.whole(Math.max(...samplings)))

  const get = await runLanes(
    servers.map((server) => ({ ...server, question: { path: '/' } })),
    run,
  )
  const post = await runLanes(
    servers.map((server) => ({ ...server, question: { path: '/echo', body: echoBody } })),
    run,
  )
  const posted = besides(post, bareName)
  const rows = besides(get, bareName).map(({ name, cpu, more, failures }, place) => ({
    name,
    cpu,
    more,
    cpuOfPost: posted[place]?.cpu ?? Number.NaN,
    moreOfPost: posted[place]?.more ?? Number.NaN,
    failures: failures + (posted[place]?.failures ?? 0),
  }))
  return {
    part: 'hooks',
    title: 'One part alone, above bare Elysia',
    runtime,
    how:
      `GET / and POST /echo, ${connections} connections, ${rounds} rounds of ${seconds} s that take ` +
      'turns. Parts share work: the whole is not their sum. `validation` replaces TypeBox. The audit ' +
      'trail has nothing to write for these requests: `bun run bench audit` measures it.',
    rows,
  }
}
