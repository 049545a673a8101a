/** What Caly costs beside bare Elysia that does the same job. */
import { bareName, type Server } from '../contenders.ts'
import { besides, type Question, runLanes } from '../lanes.ts'
import type { Run, Section } from './run.ts'

/** A constant, as the service answers it to whoever has only its address. */
export async function get(run: Run): Promise<Section> {
  const { contenders, samplings } = run
  const servers = [await contenders.raw(), await contenders.bare()]
  for (const percent of samplings) servers.push(await contenders.service(percent))
  return measure(run, servers, {
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
  const body = JSON.stringify({ to: '+919876543210', note: 'Your order is at the door' })
  return measure(run, servers, {
    title: 'POST /echo, caly() around it',
    question: { path: '/echo', body },
    how: 'Two members, checked by a pattern and a length; an unknown one is refused.',
  })
}

/** Twenty calls of a client, decrypted. */
export async function list(run: Run): Promise<Section> {
  const { contenders, samplings } = run
  const { key, onServer } = await run.filled()
  const servers = [await contenders.list()]
  for (const percent of samplings) servers.push(await contenders.service(percent))
  return measure(run, servers, {
    title: 'GET /api/calls?limit=20, the service',
    question: { path: '/api/calls?limit=20', headers: { authorization: `Bearer ${key}` } },
    how:
      `20 rows of ${onServer ? 'PostgreSQL' : 'the embedded database'}, decrypted. Bare Elysia runs ` +
      'the same prepared statement over the same pool, and checks no key.',
  })
}

interface JobOfServers {
  readonly title: string
  readonly question: Question
  readonly how: string
}

async function measure(
  run: Run,
  servers: readonly Server[],
  { title, question, how }: JobOfServers,
): Promise<Section> {
  const { runtime, rounds, seconds, connections } = run
  const lanes = servers.map((server) => ({ ...server, question }))
  const rows = besides(await runLanes(lanes, run), bareName)
  const load = `${connections} connections, ${rounds} rounds of ${seconds} s that take turns.`
  return { title, runtime, how: `${how} ${load}`, rows }
}
