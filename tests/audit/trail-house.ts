/** A trail with its sealer and verifier on a real database, for one test. */
import { v7 as uuidv7 } from 'uuid'
import { createKeyring } from '../../db/keyring.ts'
import { type AuditEntry, directTrail, rowMacs } from '../../src/audit/index.ts'
import { sealKeys } from '../../src/audit/seals/keys.ts'
import type { SignedSeal } from '../../src/audit/seals/seal.ts'
import { sealOnce } from '../../src/audit/seals/sealer.ts'
import { type VerifyOptions, verifyTrail } from '../../src/audit/verify/verify.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/process.ts'

/** 64 hex digits. */
export const masterKey = '5e'.repeat(32)

/** An event of a person: with address, user agent and actor. */
export const login = (actorId: string, clientId = uuidv7()): AuditEntry => ({
  event: 'LOGIN_SUCCESS',
  origin: {
    clientId,
    actorType: 'user',
    actorId,
    ip: '203.0.113.7',
    userAgent: 'curl/8.5.0',
    requestId: uuidv7(),
    method: 'POST',
    path: '/api/auth/login',
  },
  details: {},
})

/** Opens an empty trail. */
export async function openTrail({ keys = [masterKey] }: { readonly keys?: string[] } = {}) {
  return trailOn(await openTestDatabase(), keys)
}

/** An empty trail on the database of another one, which is over and closes it. */
export async function emptied(house: TrailHouse): Promise<TrailHouse> {
  await house.tamper(
    'truncate audit_logs, audit_seals, audit_seal_leaves, audit_seal_keys',
    'drop table if exists audit_logs_2020_05',
  )
  const trail = await trailOn(house.home, [masterKey])
  return { ...trail, close: async () => {} }
}

/** The same trail as a service with other keys sees it. */
export const withKeys = ({ home }: TrailHouse, keys: readonly string[]) => trailOn(home, keys)

/** A trail on a database that is open. */
export async function trailOn(home: TestDatabase, keys: readonly string[]) {
  const { client, db } = home.database
  const keyring = createKeyring(keys)
  const platform = uuidv7()
  const trail = directTrail({ client, keyring, platformClientId: () => platform })
  const macs = rowMacs(keyring)
  const signing = await sealKeys(keyring)
  const maker = { client, keys: signing, macs, now: Date.now }
  const query = async (text: string, values: readonly unknown[] = []) =>
    (await client.query(text, values)).rows as Record<string, unknown>[]
  return {
    home,
    client,
    db,
    keyring,
    trail,
    maker,
    query,
    /** Records so many events of one actor, each in a transaction of its own. */
    async record(count: number, actorId = uuidv7()) {
      for (let index = 0; index < count; index += 1) await trail.record(login(actorId))
    },
    /** Seals all rows, once no transaction of another test on the server is in the way. */
    async seal() {
      await eventually(
        () =>
          query(`
          select 1 from audit_logs where written_by >= pg_snapshot_xmin(pg_current_snapshot())
          limit 1`),
        (left) => left.length === 0,
        30_000,
      )
      const seals: SignedSeal[] = []
      for (let more = true; more; ) {
        const round = await sealOnce(maker)
        seals.push(...round.seals)
        more = round.more
      }
      return seals
    },
    verify: (options: Partial<VerifyOptions> = {}) =>
      verifyTrail({ client, macs, publicKeys: signing.publicKeys, ...options }),
    /** Does something as a superuser who has turned the triggers off. */
    async tamper(...statements: string[]) {
      const held = await client.connect({ label: 'tampering', patient: true })
      try {
        await held.query('begin')
        await held.query('set local session_replication_role = replica')
        for (const statement of statements) await held.query(statement)
        await held.query('commit')
      } finally {
        held.release()
      }
    },
    close: () => home.close(),
  }
}

/** An open trail. */
export type TrailHouse = Awaited<ReturnType<typeof trailOn>>
