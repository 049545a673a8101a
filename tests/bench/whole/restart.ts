/** What clients notice of a restart. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../support/process.ts'
import { type Server, service, serviceEnv, start } from '../contenders.ts'
import { keepAliveClient, type Outcome } from '../keep-alive.ts'
import type { Variables } from '../processes.ts'
import { balance } from './balancer.ts'
import type { Row, Run, Section } from './run.ts'

const clients = 16

/** Restarts of each process. */
const restarts = 2

/** Milliseconds after a start before the next stop: the balancer has to see who is ready again. */
const settling = 1000

/** Milliseconds after which a client asks again. */
const pause = 5

/** Longer than the balancer takes to ask `/health/ready` again. */
const shutdownDelay = '500'

/** Two replicas in turn, where there is a PostgreSQL, and one process that is alone. */
export async function restart(run: Run): Promise<Section> {
  const { runtime, onLeftOut } = run
  const { onServer, copy } = await run.filled()
  const rows: Row[] = []
  if (onServer) {
    const env = await copy()
    const replicas = [await replica(run, env), await replica(run, env)]
    rows.push({ name: 'two replicas, in turn', ...(await underLoad(run, replicas)) })
  } else onLeftOut('the restart of two replicas: they need a PostgreSQL.')
  rows.push({ name: 'one alone', ...(await underLoad(run, [await replica(run, await copy())])) })
  return {
    part: 'restart',
    title: 'Requests during restarts',
    runtime,
    how:
      `${clients} clients on connections that they keep open ask GET /api/calls?limit=20 over and over, ` +
      `while each process gets SIGTERM and is started again, ${restarts} times. Before two replicas a ` +
      'balancer asks /health/ready ten times a second; SHUTDOWN_DELAY is 500 ms. Refused: nobody ' +
      'was ready or listened, nothing was sent. Reset: sent over a new connection, which the system had ' +
      'taken and the process that ended did not. Lost: sent over one in use, and never wholly answered. ' +
      'No request is sent twice.',
    rows,
  }
}

interface Replica {
  server(): Server
  again(): Promise<void>
}

async function replica({ site, runtime }: Run, env: Variables): Promise<Replica> {
  const begin = async (port: string) =>
    start(site.processes, {
      name: 'Caly',
      script: service,
      env: { ...serviceEnv, ...env, SHUTDOWN_DELAY: shutdownDelay, PORT: port },
      runtime,
      ready: '/health/ready',
    })
  const port = String(await freePort())
  let server = await begin(port)
  return {
    server: () => server,
    async again() {
      const exit = once(server.child, 'exit')
      server.child.kill('SIGTERM')
      await exit
      server = await begin(port)
    },
  }
}

async function underLoad(run: Run, replicas: readonly Replica[]): Promise<Omit<Row, 'name'>> {
  const { key } = await run.filled()
  const originOf = ({ server }: Replica) => server().origin
  const balancer = balance(
    replicas.map((one) => ({ url: () => originOf(one), client: () => originOf(one) })),
  )
  const next = (): URL | undefined => {
    const [only, ...others] = replicas
    // One alone is asked whether it is ready or not: there is no other.
    if (only !== undefined && others.length === 0) return originOf(only)
    try {
      return balancer.next()
    } catch {
      return undefined
    }
  }
  const counts = { answered: 0, putOff: 0, refused: 0, unaccepted: 0, lost: 0, longest: 0 }
  let stopped = false

  const running = Array.from({ length: clients }, async () => {
    const client = keepAliveClient({ authorization: `Bearer ${key}` })
    while (!stopped) {
      const startedAt = performance.now()
      const origin = next()
      const told: Outcome =
        origin === undefined
          ? { outcome: 'refused' }
          : await client.get(new URL('/api/calls?limit=20', origin))
      counts.longest = Math.max(counts.longest, performance.now() - startedAt)
      if (told.outcome !== 'answered') counts[told.outcome] += 1
      else if (told.status === 200) counts.answered += 1
      else counts.putOff += 1
      await sleep(pause)
    }
    client.close()
  })
  try {
    for (let count = 0; count < restarts; count++)
      for (const one of replicas) {
        await one.again()
        await sleep(settling)
      }
  } finally {
    stopped = true
    await Promise.all(running)
    await balancer.close()
  }
  return counts
}
