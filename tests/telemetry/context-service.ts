/**
 * A small service of Caly's parts whose every request does all that could lose its context: it
 * awaits in hooks, asks the database, sends a job within a transaction, and streams its answer. Each
 * query names the request that it belongs to: `<place>_<n>`.
 */
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { Elysia } from 'elysia'
import { type Executor, openDatabase } from '../../db/database.ts'
import { openJobs } from '../../db/jobs.ts'
import { readConfig } from '../../src/config.ts'
import { serve } from '../../src/server.ts'
import {
  instrumentQueries,
  instrumentTransactions,
  jobTelemetry,
  requestTelemetry,
  startTelemetry,
} from '../../telemetry/index.ts'

const config = readConfig(process.env)
const telemetry = await startTelemetry({
  settings: config.telemetry,
  version: '0.0.0-test',
  instanceId: 'context',
})
const database = await openDatabase({ settings: config.database, dataDir: config.dataDir })
instrumentQueries(telemetry, database.Client)
instrumentTransactions(telemetry, database.PooledClient)
const { db } = database
const jobs = await openJobs({ database, observer: jobTelemetry(telemetry) })

const ask = async (executor: Executor, place: string, n: string) => {
  if (!/^\d+$/.test(n)) throw new RangeError('A request is named by a number')
  await executor.execute(sql.raw(`select 1 as ${place}_${n}`))
}

await jobs.work<{ n: string }>(
  'context',
  async ({ data: { n } }) => {
    await ask(db, 'job', n)
    await db.transaction((tx) => ask(tx, 'job_transaction', n))
  },
  { concurrency: 10 },
)

async function work(n: string): Promise<void> {
  await db.transaction(async (tx) => {
    await ask(tx, 'transaction', n)
    await jobs.send(tx, 'context', { n })
    await sleep(Number(n) % 7)
    await tx.transaction((inner) => ask(inner, 'savepoint', n))
  })
  jobs.wake('context')
  await Promise.all([ask(db, 'together', n), ask(db, 'together', n)])
}

async function* pieces(n: string) {
  for (let piece = 0; piece < 3; piece++) {
    await sleep(Number(n) % 3)
    await ask(db, 'stream', n)
    yield `${piece}\n`
  }
}

const before = {
  async beforeHandle({ params: { n } }: { readonly params: { readonly n: string } }) {
    await sleep(Number(n) % 5)
    await ask(db, 'hook', n)
  },
}

const encoder = new TextEncoder()

const app = new Elysia()
  .use(requestTelemetry(telemetry))
  .get('/health/ready', () => 'ready')
  .get(
    '/stream/:n',
    async ({ params: { n } }) => {
      await work(n)
      const parts = pieces(n)
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            const { done, value } = await parts.next()
            if (done === true) controller.close()
            else controller.enqueue(encoder.encode(value))
          },
        },
        { highWaterMark: 0 },
      )
      return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } })
    },
    before,
  )
  .get(
    '/generator/:n',
    async function* ({ params: { n } }) {
      await work(n)
      yield* pieces(n)
    },
    before,
  )

const server = await serve({
  fetch: (request) => app.fetch(request),
  host: '127.0.0.1',
  port: config.listen.port,
  maxBodySize: 1024,
  idleTimeout: 30_000,
})

process.once('SIGTERM', async () => {
  await server.stop(5000)
  await jobs.stop(5000)
  await database.close()
  await telemetry.shutdown(2000)
  process.exit(0)
})
