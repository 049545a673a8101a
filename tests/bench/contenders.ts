/** Who is measured: Caly, and what it is measured beside. Each is started once, when first asked for. */
import type { ChildProcess } from 'node:child_process'
import { freePort, type Runtime } from '../support/process.ts'
import type { Filled } from './filled.ts'
import { answering, type BenchRuntime, type Processes, type Variables } from './processes.ts'
import type { Site } from './site.ts'

/** One that is running. */
export interface Server {
  readonly name: string
  readonly origin: URL
  readonly pid: number
  readonly child: ChildProcess
}

/** How one is started. */
export interface Start {
  readonly name: string
  readonly script: string
  readonly env?: Variables
  readonly runtime: BenchRuntime
  /** What answers 200 once it is up. */
  readonly ready: string
}

/** Starts one as a process of its own, and waits until it answers. */
export async function start(
  processes: Processes,
  { name, script, env, runtime, ready }: Start,
): Promise<Server> {
  const port = env?.['PORT'] ?? String(await freePort())
  const child = processes.start(script, { ...env, PORT: port }, runtime)
  const origin = new URL(`http://127.0.0.1:${port}`)
  await answering(new URL(ready, origin), child)
  const { pid } = child
  if (pid === undefined) throw new Error(`${name} did not start`)
  return { name, origin, pid, child }
}

/** The service, everything on. */
export const service = 'src/main.ts'

/** Variables of the service beside its database. Its log is written, and read by nobody. */
export const serviceEnv: Variables = { LOG_FORMAT: 'json', SCAN_SCHEDULE: 'off' }

/** The lane that is 1. */
export const bareName = 'bare Elysia'

/** Everybody, on one runtime. */
export type Contenders = ReturnType<typeof contenders>

/** @param filled makes the database that servers get copies of */
export function contenders(site: Site, runtime: Runtime, filled: () => Promise<Filled>) {
  const running = new Map<string, Promise<Server>>()
  const once = (name: string, make: () => Promise<Omit<Start, 'name' | 'runtime'>>, key = name) => {
    const server =
      running.get(key) ?? make().then((how) => start(site.processes, { ...how, name, runtime }))
    running.set(key, server)
    return server
  }
  const servers = 'tests/bench/servers'
  return {
    /** Ends them: idle ones cost the others time. */
    async end(): Promise<void> {
      for (const server of running.values()) (await server).child.kill('SIGKILL')
      running.clear()
    },
    /** Nothing but the runtime. */
    raw: () => once('no framework', async () => ({ script: `${servers}/raw.ts`, ready: '/' })),
    bare: () => once(bareName, async () => ({ script: `${servers}/bare.ts`, ready: '/' })),
    /** Bare Elysia over a copy of the database. */
    list: () =>
      once(
        bareName,
        async () => {
          const { copy, clientId } = await filled()
          const env = { ...(await copy()), CLIENT: clientId }
          return { script: `${servers}/list.ts`, env, ready: '/api/calls?limit=1' }
        },
        'list',
      ),
    /** The service over a copy of the database, with spans of so many of a hundred requests. */
    service: (percent: number) =>
      once(`Caly, ${percent} % sampled`, async () => ({
        script: service,
        env: {
          ...serviceEnv,
          ...(await (await filled()).copy()),
          OTEL_EXPORTER_OTLP_ENDPOINT: (await site.collector()).origin,
          OTEL_TRACES_SAMPLER: 'traceidratio',
          OTEL_TRACES_SAMPLER_ARG: String(percent / 100),
        },
        ready: '/health/ready',
      })),
    /** The package: everything by one `.use` around two routes. */
    whole: (percent: number) =>
      once(`caly(), ${percent} % sampled`, async () => ({
        script: `${servers}/caly.ts`,
        env: {
          RATE_LIMIT: '999999999',
          SAMPLE_RATIO: String(percent / 100),
          OTEL_EXPORTER_OTLP_ENDPOINT: (await site.collector()).origin,
        },
        ready: '/',
      })),
  }
}
