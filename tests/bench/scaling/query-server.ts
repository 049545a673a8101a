/**
 * One query a request, of a PostgreSQL at `DATABASE_URL`: at `/pooled` over the service's own pool, at
 * `/fresh` over a connection that is made for it and closed after it.
 */
import { tmpdir } from 'node:os'
import process from 'node:process'
import { Elysia } from 'elysia'
import postgres from 'postgres'
import { openDatabase } from '../../../db/database.ts'
import { readConfig } from '../../../src/config.ts'

const url = process.env['DATABASE_URL'] ?? ''
const query = 'select 1 as one'
const { database: settings } = readConfig({ DATABASE_URL: url })
const { client } = await openDatabase({ settings, dataDir: tmpdir() })

new Elysia()
  .get('/pooled', async () => (await client.query(query)).rows[0])
  .get('/fresh', async () => {
    const sql = postgres(url, { max: 1, fetch_types: false })
    try {
      return (await sql.unsafe(query))[0]
    } finally {
      await sql.end()
    }
  })
  .listen({ hostname: '127.0.0.1', port: Number(process.env['PORT']) })
