/** That all do the same work: what they answer, log and trace is compared before anything is timed. */
import { deepEqual } from 'node:assert/strict'
import { eventually, freePort } from '../../support/process.ts'
import { securityHeaderNames } from '../../support/security-headers.ts'
import { answering, Processes } from '../processes.ts'
import { bare, type Contender, caly, variables } from './contenders.ts'

/** A kind of request that is timed. */
export interface Job {
  readonly name: string
  readonly path: string
  /** JSON to post. */
  readonly body?: string
}

const index: Job = { name: 'GET /', path: '/' }

/** What is timed. */
export const jobs: readonly Job[] = [
  index,
  {
    name: 'POST /echo',
    path: '/echo',
    body: JSON.stringify({ to: '+919876543210', note: 'Your order is at the door' }),
  },
]

/** What must be refused, and is not timed. */
const refused: readonly Job[] = [
  { name: 'no phone number', path: '/echo', body: JSON.stringify({ to: '12' }) },
  {
    name: 'a note too long',
    path: '/echo',
    body: JSON.stringify({ to: '+919876543210', note: 'a'.repeat(201) }),
  },
  {
    name: 'an unknown member',
    path: '/echo',
    body: JSON.stringify({ to: '+919876543210', admin: true }),
  },
  { name: 'an unknown path', path: '/nothing-here' },
]

const policies = [
  ...securityHeaderNames,
  // Caly sends none of these, so nobody does.
  'strict-transport-security',
  'origin-agent-cluster',
  'x-powered-by',
]

/** Requests a minute while answers are compared: few enough to reach. */
const lowLimit = 20

/** An answer, without what may differ: words, the ids, spaces in headers, the order of policies. */
interface Answer {
  readonly status: number
  readonly type: string | undefined
  readonly body: unknown
  readonly policies: Readonly<Record<string, string | undefined>>
  readonly hasId: boolean
  /** The limit that the headers tell, whichever draft they follow; what remains is told beside it. */
  readonly limit: number | undefined
  readonly retries: boolean
}

async function ask(origin: URL, { path, body }: Job): Promise<Answer> {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } }
  const response = await fetch(new URL(path, origin), body === undefined ? {} : { ...post, body })
  const { headers, status } = response
  const content: unknown = await response.json()
  return {
    status,
    type: headers.get('content-type')?.split(';')[0],
    body: response.ok ? content : problemMembers(content),
    policies: Object.fromEntries(
      policies.map((name) => [name, headers.get(name)?.replace(/;\s*/g, '; ')]),
    ),
    hasId: (headers.get('x-request-id') ?? '').length >= 16,
    limit: toldLimit(headers),
    retries: Number(headers.get('retry-after')) > 0,
  }
}

/** Titles are everybody's own words; Caly's problems have more members than the others'. */
const problemMembers = (problem: unknown) => {
  const { type, title, status } = problem as Readonly<Record<string, unknown>>
  return { type: typeof type, title: typeof title, status }
}

function toldLimit(headers: Headers): number | undefined {
  const [now = '', policy = ''] = [headers.get('ratelimit'), headers.get('ratelimit-policy')].map(
    (value) => value ?? '',
  )
  const remaining = /\b(?:r|remaining)=(\d+)/.exec(now)?.[1] ?? headers.get('ratelimit-remaining')
  const limit =
    /\bq=(\d+)/.exec(policy)?.[1] ??
    /\blimit=(\d+)/.exec(now)?.[1] ??
    headers.get('ratelimit-limit')
  return remaining === null || limit === null ? undefined : Number(limit)
}

/** What a contender answers to each job that is timed. */
async function answers(origin: URL): Promise<Readonly<Record<string, Answer>>> {
  const told: Record<string, Answer> = {}
  for (const job of jobs) told[job.name] = await ask(origin, job)
  return told
}

/** All that is compared of a contender; spans and lines of the requests that are timed. */
export interface Work {
  readonly answers: Readonly<Record<string, Answer>>
  readonly spans: number
  readonly lines: number
}

/**
 * Starts a contender, and looks at its work.
 *
 * @param patience milliseconds for spans and lines to come
 */
export async function workOf(contender: Contender, patience = 10_000): Promise<Work> {
  const processes = new Processes()
  try {
    const [collector, origin] = [await localUrl(), await localUrl()]
    processes.start('tests/bench/sink.ts', { PORT: collector.port, COUNT: 'yes' })
    await answering(collector)
    const output = processes.overheard(
      contender.script,
      {
        ...variables(collector, lowLimit),
        ...contender.env,
        PORT: origin.port,
        OTEL_BSP_SCHEDULE_DELAY: '100',
      },
      contender.runtime,
    )
    await answering(origin)
    const timed = await answers(origin)
    // Whoever waited for the start has asked once, too.
    const asked = jobs.length + 1
    const lines = () => output().match(/^\{.*"method":"(?:GET|POST)".*$/gm)?.length ?? 0
    const count = async () => ({
      spans: Number(await (await fetch(collector)).text()),
      lines: lines(),
    })
    const counted = await eventually(
      count,
      (seen) => seen.spans >= asked && seen.lines >= asked,
      patience,
    )
    const others: Record<string, Answer> = {}
    for (const job of refused) others[job.name] = await ask(origin, job)
    return { answers: { ...timed, ...others, 'too many': await tooMany(origin) }, ...counted }
  } finally {
    processes.kill()
  }
}

async function tooMany(origin: URL): Promise<Answer> {
  for (let count = 0; count < lowLimit; count++) {
    const answer = await ask(origin, index)
    if (answer.status !== 200) return answer
  }
  throw new Error(`${lowLimit} more requests than the limit allows were all answered`)
}

/** Where nobody listens yet. */
const localUrl = async (): Promise<URL> => new URL(`http://127.0.0.1:${await freePort()}`)

/**
 * Compares a contender's work with Caly's.
 *
 * @param patience milliseconds for spans and lines to come. @default 10_000
 * @throws {Error} naming the contender; its cause says what differs
 */
export async function compareWork(
  contender: Contender,
  expected: Work,
  patience?: number,
): Promise<void> {
  await named(contender, async () => deepEqual(await workOf(contender, patience), expected))
}

/**
 * Compares what contenders with raised limits answer: the same as Caly, bare Elysia in its bodies.
 *
 * @throws {Error} naming the contender and what differs
 */
export async function compareAnswers(
  running: readonly { readonly contender: Contender; readonly origin: URL }[],
): Promise<void> {
  const all = await Promise.all(
    running.map(async ({ contender, origin }) => ({ contender, told: await answers(origin) })),
  )
  const expected = all.find(({ contender }) => contender === caly)?.told ?? {}
  for (const { contender, told } of all)
    await named(contender, () =>
      contender === bare ? deepEqual(bodies(told), bodies(expected)) : deepEqual(told, expected),
    )
}

const bodies = (told: Readonly<Record<string, Answer>>) =>
  Object.values(told).map(({ status, type, body }) => ({ status, type, body }))

async function named<Value>(
  { name }: Contender,
  work: () => Value | Promise<Value>,
): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    throw new Error(`${name} does not do the same work`, { cause: error })
  }
}
