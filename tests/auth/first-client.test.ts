import { afterEach, beforeEach, expect, test } from 'bun:test'
import { createKeyring } from '../../db/keyring.ts'
import { apiKeys, auditLogs, clients, users } from '../../db/schema/index.ts'
import { type AuditTrail, directTrail } from '../../src/audit/index.ts'
import {
  createUser,
  FirstAdminError,
  type FirstClientOptions,
  firstClient,
  passwordHasher,
  platformClientId,
  scopes,
  setPassword,
} from '../../src/auth/index.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'

let test_: TestDatabase
const hasher = passwordHasher()
let audit: AuditTrail
beforeEach(async () => {
  test_ = await openTestDatabase()
  audit = directTrail({
    client: test_.database.client,
    keyring: createKeyring(['00'.repeat(32)]),
    platformClientId: () => {
      throw new Error('every event of the first start names its client')
    },
  })
}, 60_000)
afterEach(() => test_.close())

const start = (options: Partial<FirstClientOptions> = {}) =>
  firstClient({ db: test_.database.db, audit, hasher, production: false, ...options })

test('the first start makes a client, an admin and a key with all scopes, and tells them once', async () => {
  const { db } = test_.database
  expect(await platformClientId(db)).toBeUndefined()
  const first = await start()
  expect({ ...first }).toMatchObject({
    clientId: await platformClientId(db),
    email: 'admin@caly.localhost',
    password: expect.stringMatching(/^[A-Za-z2-9]{20}$/),
    apiKey: expect.stringMatching(/^caly_live_/),
  })
  const [[user], [key], trail] = [
    await db.select().from(users),
    await db.select().from(apiKeys),
    await db.select().from(auditLogs),
  ]
  expect(user).toMatchObject({ role: 'admin', clientId: first?.clientId })
  expect(await hasher.verify(user?.passwordHash, first?.password ?? '')).toBe(true)
  expect(key?.scopes).toEqual([...scopes])
  expect(trail.map(({ eventType }) => eventType).sort()).toEqual([
    'API_KEY_GENERATED',
    'CLIENT_CREATED',
    'USER_CREATED',
  ])
  expect(await start()).toBeUndefined()
  expect(await db.select().from(users)).toHaveLength(1)
}, 30_000)

test('of ten replicas that start together one makes it', async () => {
  const made = await Promise.all(Array.from({ length: 10 }, () => start()))
  expect(made.filter(Boolean)).toHaveLength(1)
  const { db } = test_.database
  expect(await db.select().from(clients)).toHaveLength(1)
  expect(await db.select().from(users)).toHaveLength(1)
  expect(await db.select().from(apiKeys)).toHaveLength(1)
}, 30_000)

test('production makes the platform alone, and the admin once the environment names one', async () => {
  const { db } = test_.database
  expect(await start({ production: true })).toBeUndefined()
  expect(await db.select().from(clients)).toHaveLength(1)
  expect(await db.select().from(users)).toHaveLength(0)
  const admin = { email: 'Boss@example.com', password: 'correct horse battery staple' }
  expect(await start({ production: true, admin })).toBeUndefined()
  expect((await db.select().from(users))[0]?.email).toBe('boss@example.com')
  expect(await db.select().from(apiKeys)).toHaveLength(0)
}, 30_000)

test('the shell creates users and sets passwords, and the trail says that it was the shell', async () => {
  const { db } = test_.database
  const first = await start()
  const dependencies = { db, audit, hasher, now: Date.now, onChange: () => {} }
  const origin = { actorType: 'shell', clientId: first?.clientId } as const
  const user = {
    clientId: first?.clientId ?? '',
    email: 'shell@example.com',
    name: 'S',
    role: 'auditor' as const,
    password: 'correct horse battery staple',
  }
  await createUser(dependencies, user, origin)
  await expect(createUser(dependencies, user, origin)).rejects.toThrow('has an account already')
  await setPassword(
    dependencies,
    { email: 'SHELL@example.com', password: 'a new one of mine' },
    origin,
  )
  const unknown = setPassword(dependencies, { email: 'x@example.com', password: 'y' }, origin)
  await expect(unknown).rejects.toThrow('no user with this e-mail')
  const row = (await db.select().from(users)).find(({ email }) => email === 'shell@example.com')
  expect(await hasher.verify(row?.passwordHash, 'a new one of mine')).toBe(true)
  expect(row?.sessionEpoch).toBe(1)
  const trail = await db.select().from(auditLogs)
  const changed = trail.filter(({ eventType }) => eventType === 'PASSWORD_CHANGED')
  expect(changed).toMatchObject([{ actorType: 'shell', clientId: first?.clientId }])
}, 30_000)

test('an admin whose password is among the first to be guessed is not made, and the message says what to set', async () => {
  const admin = { email: 'ada@example.com', password: 'Password1234' }
  const refusal = await start({ admin, production: true }).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(FirstAdminError)
  expect(String(refusal)).toContain('CALY_ADMIN_PASSWORD must be')
  expect(String(refusal)).not.toContain(admin.password)
  expect(await test_.database.db.select().from(users)).toEqual([])
  await start({ admin: { ...admin, password: 'tea with seven spoons' }, production: true })
  expect(await test_.database.db.select().from(users)).toHaveLength(1)
})
