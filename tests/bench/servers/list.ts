/**
 * Bare Elysia that answers a page of calls: Caly's own prepared statement over a pool with the same
 * settings, its rows decrypted and shown alike; no key is checked, nothing limited, logged or audited.
 */
import '../../../src/interpreted-schemas.ts'
import process from 'node:process'
import { Elysia } from 'elysia'
import { openDatabase } from '../../../db/database.ts'
import { createKeyring } from '../../../db/keyring.ts'
import { callQueries } from '../../../src/calls/queries.ts'
import { vault } from '../../../src/calls/vault.ts'
import { callView } from '../../../src/calls/view.ts'
import { readConfig } from '../../../src/config.ts'
import { listen } from './listen.ts'

const { database: settings, dataDir, encryptionKeys = [] } = readConfig(process.env)
const clientId = process.env['CLIENT'] ?? ''
const { db } = await openDatabase({ settings, dataDir })
const { list } = callQueries(db)
const { openCall } = vault(createKeyring(encryptionKeys))

const app = new Elysia().get('/api/calls', async ({ query }) => {
  const limit = Number(query['limit'])
  const rows = await list({ clientId, limit: limit + 1 })
  const items = rows.slice(0, limit).map((row) => callView(row, openCall(row.id, row.sealed)))
  return { items, nextCursor: null }
})
listen(app)
