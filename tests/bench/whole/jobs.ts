/** What Caly costs beside bare Elysia that does the same job; of two jobs that it has not, absolutely. */
import { bareName, type Server } from '../contenders.ts'
import { call } from '../filled.ts'
import { alone, besides, type Question, runLanes } from '../lanes.ts'
import type { Run, Section } from './run.ts'

/** What {@linkcode post} sends. */
export const echoBody = JSON.stringify({ to: '+919876543210', note: 'Your order is at the door' })

/** A constant, as the service answers it to whoever has only its address. */
export async function get(run: Run): Promise<Section> {
  const { contenders } = run
  const others = [await contenders.raw(), await contenders.bare()]
  return measure(run, [...others, ...(await services(run))], {
    part: 'get',
    title: 'GET /api, the service',
    question: { path: '/api' },
    how: 'A constant of three members.',
  })
}

/** A small body that is valid, and comes back. */
export async function post(run: Run): Promise<Section> {
  const { contenders, samplings } = run
  const servers = [await contenders.bare()]
  for (const percent of samplings) servers.push(await contenders.whole(percent))
  return measure(run, servers, {
    part: 'post',
    title: 'POST /echo, caly() around it',
    question: { path: '/echo', body: echoBody },
    how: 'Two members, checked by a pattern and a length; an unknown one is refused.',
  })
}

/** Twenty calls of a client, decrypted. */
export async function list(run: Run): Promise<Section> {
  const { key, database } = await run.filled()
  return measure(run, [await run.contenders.list(), ...(await services(run))], {
    part: 'list',
    title: 'GET /api/calls?limit=20, the service',
    question: { path: '/api/calls?limit=20', headers: { authorization: `Bearer ${key}` } },
    how:
      `20 rows of ${database}, decrypted. Bare Elysia runs the same prepared statement over a pool with ` +
      'the same settings, decrypts and shows the same rows, and checks no key.',
  })
}

/** A call is accepted. */
export async function place(run: Run): Promise<Section> {
  const { key, database } = await run.filled()
  return measure(slowly(run), await services(run), {
    part: 'call',
    title: 'POST /api/calls, the service',
    question: {
      path: '/api/calls',
      body: JSON.stringify({ ...call, customField: 'order 4711' }),
      headers: { authorization: `Bearer ${key}` },
    },
    how:
      `Absolute: bare Elysia has nothing like it. A transaction in ${database} holds call, event, job and ` +
      'audit row; the CPU time has in it what job, simulator and callbacks go on to do meanwhile.',
  })
}

/** Passwords are tried in a few threads: more would only wait for them. */
const loginConnections = 4

/** The admin logs in. */
export async function login(run: Run): Promise<Section> {
  const { admin } = await run.filled()
  return measure(slowly({ ...run, connections: loginConnections }), await services(run), {
    part: 'login',
    title: 'POST /api/auth/login, the service',
    question: { path: '/api/auth/login', body: JSON.stringify(admin) },
    how: 'Absolute: nearly all of it is Argon2id (19 MiB, 2 passes), which is meant to cost that much.',
  })
}

/** A round of requests that are slow has to be longer, or it has hardly any. */
const slowly = (run: Run): Run => ({ ...run, seconds: Math.max(2, run.seconds) })

async function services({ contenders, samplings }: Run): Promise<readonly Server[]> {
  const servers: Server[] = []
  for (const percent of samplings) servers.push(await contenders.service(percent))
  return servers
}

interface Job {
  readonly part: string
  readonly title: string
  readonly question: Question
  readonly how: string
}

async function measure(
  run: Run,
  servers: readonly Server[],
  { part, title, question, how }: Job,
): Promise<Section> {
  const { runtime, rounds, seconds, connections } = run
  const results = await runLanes(
    servers.map((server) => ({ ...server, question })),
    run,
  )
  const hasBare = servers.some(({ name }) => name === bareName)
  const load = `${connections} connections, ${rounds} rounds of ${seconds} s that take turns.`
  const rows = hasBare ? besides(results, bareName) : results.map(alone)
  return { part, title, runtime, how: `${how} ${load}`, rows }
}
