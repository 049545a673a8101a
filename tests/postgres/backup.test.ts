/** docs/backup.md, command by command: what was backed up comes back, and no telephone rings twice. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { randomBytes } from 'node:crypto'
import { appendFile, chmod, copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { administer, ask } from '../support/administer.ts'
import { adminOf, type Client, clientOf } from '../support/client.ts'
import { type Cluster, startCluster } from '../support/cluster.ts'
import { runCommand } from '../support/command.ts'
import { fillDataDir } from '../support/database.ts'
import { type ExotelStandIn, exotelStandIn } from '../support/exotel.ts'
import { eventually, freePort, startCaly } from '../support/process.ts'
import { blocksOf, shell } from '../support/readme.ts'

setDefaultTimeout(120_000)

const page = 'docs/backup.md'

/** Calls that are under way at a time: the others wait for their turn. */
const atATime = 2
const waiting = 6

let folder: string
let old: Cluster
let fresh: Cluster
let exotel: ExotelStandIn
let env: Record<string, string>
/** What the old service told before it was lost. */
const known = { key: '', refreshToken: '', ended: '', open: [] as string[] }

const databaseOf = ({ url }: Cluster, name: string): string =>
  Object.assign(new URL(url), { pathname: `/${name}` }).href

/** Runs a block of the guide beside PostgreSQL, as its user. */
const asPostgres = (block: string | undefined, { shell: { command, path }, data, url }: Cluster) =>
  shell(block ?? 'exit 1', {
    cwd: folder,
    command,
    env: {
      PATH: path,
      HOME: folder,
      PGDATA: data,
      DATABASE_URL: databaseOf(old, 'caly'),
      MAINTENANCE_URL: url,
      RESTORED_URL: databaseOf(fresh, 'caly_restored'),
    },
  })

/** Places a call, and gives its id. */
async function place(client: Client, to: string): Promise<string> {
  const { status, body } = await client('POST', '/api/calls', { from: '+919999900001', to })
  expect(status).toBe(202)
  return body.id
}

const statusOf = async (client: Client, id: string): Promise<string> =>
  (await client('GET', `/api/calls/${id}`)).body.status

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'caly-backup-'))
  await chmod(folder, 0o777)
  ;[old, fresh] = await Promise.all([startCluster(), startCluster()])
  exotel = await exotelStandIn({ step: 300 })
  await administer(old.url, 'create database caly')
  // A server that has been in use counts further than a fresh one: only then is the counter's step needed.
  await administer(
    old.url,
    'do $$ begin for i in 1..20000 loop perform txid_current(); commit; end loop; end $$',
  )
  env = {
    ...exotel.env,
    PORT: String(await freePort()),
    DATABASE_URL: databaseOf(old, 'caly'),
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    CALY_DATA_DIR: join(folder, 'data'),
    EXOTEL_MAX_CALLS: String(atATime),
    RECONCILE_AFTER: '1s',
    AUDIT_ANCHOR: join(folder, 'anchor.jsonl'),
  }
  await fillAndLose()
})

/** A service that is backed up while calls wait, places them, and dies. */
async function fillAndLose(): Promise<void> {
  const caly = await startCaly({ env })
  const admin = await adminOf(caly)
  const { body: login } = await clientOf(caly)('POST', '/api/auth/login', caly.admin)
  const scopes = ['calls:read', 'calls:write']
  const { body: made } = await admin('POST', '/api/keys', { name: 'backed up', scopes })
  known.key = made.key
  known.refreshToken = login.refreshToken
  const client = clientOf(caly, known.key)
  known.ended = await place(client, '+919999900010')
  await client('PATCH', `/api/calls/${known.ended}`, { notes: 'sealed before the backup' })
  await eventually(
    () => statusOf(client, known.ended),
    (status) => status === 'completed',
  )
  // A trail that is backed up has seals; they begin within seconds of the first start.
  await eventually(
    () => ask(databaseOf(old, 'caly'), 'select count(*)::int as n from audit_seals'),
    ([row]) => Number(row?.['n']) > 0,
  )
  for (let index = 0; index < waiting; index += 1)
    known.open.push(await place(client, `+91999990002${index}`))
  const [dump, base] = await blocksOf('Backing up PostgreSQL', page)
  await asPostgres(dump, old)
  // Since then they were all placed, once each, and the backup knows nothing of it.
  await eventually(
    async () => known.open.map((id) => exotel.simulator.posts(id)),
    (posts) => posts.every((count) => count === 1),
    60_000,
  )
  // Of before: what is sealed while the copy is made may be in one and not in the other.
  await copyFile(env['AUDIT_ANCHOR'] ?? '', join(folder, 'base-anchor.jsonl'))
  await asPostgres(base, old)
  await exotel.simulator.settled()
  caly.child.kill('SIGKILL')
  await caly.exited()
}

afterAll(async () => {
  await exotel.close()
  await Promise.all([old.close(), fresh.close()])
  await rm(folder, { recursive: true, force: true })
})

/** The variables of the restored service, as a person would set them. */
const restoredEnv = (): Record<string, string> => ({
  ...env,
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  DATABASE_URL: databaseOf(fresh, 'caly_restored'),
  AUDIT_ANCHOR: join(folder, 'new-anchor.jsonl'),
})

/** Runs `caly` on the restored database. */
const caly = (args: string, changes: Record<string, string> = {}) =>
  runCommand({ env: { ...restoredEnv(), ...changes } }, args.split(' '))

test('a dump is restored into another server by the commands of the guide', async () => {
  const [restore] = await blocksOf('Restoring a dump', page)
  await asPostgres(restore, fresh)
  const [row] = await ask(
    databaseOf(fresh, 'caly_restored'),
    "select count(*)::int as n from calls where status = 'queued' and dispatched_at is null",
  )
  // Without these the test would show nothing.
  expect(row?.['n']).toBeGreaterThan(1)
  const [mark] = await blocksOf('Calls that were placed after the backup', page)
  expect(await asPostgres(mark, fresh)).toContain(`UPDATE ${row?.['n']}`)
  const [raise] = await blocksOf('Into another server', page)
  await asPostgres(raise, fresh)
})

test('with the wrong ENCRYPTION_KEY the check before the start says so, and changes nothing', async () => {
  const wrong = { ENCRYPTION_KEY: randomBytes(32).toString('hex') }
  const opened = await caly('keys reencrypt', wrong)
  expect(opened.code).toBe(1)
  expect(opened.output).toContain('rows cannot be opened: is a key missing?')
  expect(opened.output).toContain('ENCRYPTION_KEY is not that of this audit trail')
  const verified = await caly('audit verify', wrong)
  expect(verified.code).toBe(1)
  expect(verified.output).toContain('key_unknown')
})

test('with the right one every row is opened and the trail is intact; the old anchor tells what is lost', async () => {
  const [checks = ''] = await blocksOf('Looking at it', page)
  const [first = '', second = ''] = checks.trim().split('\n')
  const words = (line: string) => line.replace('bun run caly ', '')
  const opened = await caly(words(first))
  expect([opened.code, opened.output]).toEqual([0, expect.stringContaining('calls: 0 rows sealed')])
  const verified = await caly(words(second))
  expect([verified.code, verified.output]).toEqual([0, expect.stringContaining('intact')])
  const anchored = await caly(`audit verify --anchor ${join(folder, 'anchor.jsonl')}`)
  expect([anchored.code, anchored.output]).toEqual([1, expect.stringContaining('anchor_missing')])
})

test('the restored service knows its people and calls, goes on with its jobs, and places no call twice', async () => {
  const service = await startCaly({ env: restoredEnv() })
  try {
    const client = clientOf(service, known.key)
    const [, look = ''] = await blocksOf('Looking at it', page)
    const [ready = '', list = ''] = look
      .replaceAll('localhost:3000', service.baseUrl.host)
      .split('\n')
    // Seals are made again: had the counter not been raised, this would warn.
    const [sealed] = await eventually(
      () =>
        ask(
          restoredEnv()['DATABASE_URL'] ?? '',
          "select count(*)::int as n from audit_seals where created_at > now() - interval '20 s'",
        ),
      ([row]) => Number(row?.['n']) > 0,
      20_000,
    )
    expect(sealed).toBeDefined()
    const pass = { status: 'pass' }
    expect(JSON.parse(await shell(ready))).toMatchObject({
      checks: { database: pass, migrations: pass, auditSeals: pass },
    })
    const shown = await shell(list, { env: { ...process.env, KEY: known.key } })
    expect(JSON.parse(shown).items).toHaveLength(1)

    const { refreshToken } = known
    const refreshed = await clientOf(service)('POST', '/api/auth/refresh', { refreshToken })
    expect(refreshed.status).toBe(200)
    await adminOf(service)
    const { body: ended } = await client('GET', `/api/calls/${known.ended}`)
    expect(ended).toMatchObject({ to: '+919999900010', notes: 'sealed before the backup' })

    for (const id of known.open)
      await eventually(
        () => statusOf(client, id),
        (status) => status === 'completed',
        60_000,
      )
    const later = await place(client, '+919999900030')
    await eventually(
      () => statusOf(client, later),
      (status) => status === 'completed',
    )
    const posts = [known.ended, ...known.open, later].map((id) => exotel.simulator.posts(id))
    expect(posts).toEqual(posts.map(() => 1))
  } finally {
    await service.stop()
  }
  const { code, output } = await caly('audit verify')
  expect([code, output]).toEqual([0, expect.stringContaining('intact')])
})

test('a service with the wrong ENCRYPTION_KEY says so in its log and at /health/ready', async () => {
  const wrong = { ENCRYPTION_KEY: randomBytes(32).toString('hex') }
  const service = await startCaly({ env: { ...restoredEnv(), ...wrong } })
  try {
    await eventually(
      async () => service.output(),
      (log) => log.includes('which comes from no key of ENCRYPTION_KEY'),
    )
    const client = clientOf(service, known.key)
    const { body } = await client('GET', '/health/ready')
    expect(body.checks.auditSeals).toMatchObject({ status: 'warn' })
    expect((await client('GET', `/api/calls/${known.ended}`)).status).toBe(500)
  } finally {
    await service.stop()
  }
})

test('a base backup is a server of its own, whose trail is intact', async () => {
  const base = join(folder, 'base')
  const port = await freePort()
  await appendFile(join(base, 'postgresql.conf'), `port = ${port}\n`)
  const pg = (words: string) =>
    asPostgres(`pg_ctl ${words} --wait --pgdata=base --log=base.log`, old)
  await pg('start')
  try {
    const url = new URL(databaseOf(old, 'caly'))
    url.port = String(port)
    const changes = { DATABASE_URL: url.href, AUDIT_ANCHOR: join(folder, 'base-anchor.jsonl') }
    const { code, output } = await caly('audit verify', changes)
    expect([code, output]).toEqual([0, expect.stringContaining('intact')])
  } finally {
    await pg('stop --mode=immediate')
  }
})

test('the embedded database comes back with its folder', async () => {
  const room = join(folder, 'embedded')
  const [pack = '', unpack = ''] = await blocksOf('The embedded database', page)
  await mkdir(room)
  const settings = { DATABASE_URL: '', CALY_DATA_DIR: join(room, '.caly') }
  await fillDataDir(settings.CALY_DATA_DIR)
  const first = await startCaly({ env: settings })
  const id = await place(await adminOf(first), '+919999900010')
  first.child.kill('SIGTERM')
  await first.exited()
  await shell(pack, { cwd: room })
  await rm(join(room, '.caly'), { recursive: true })
  await shell(unpack, { cwd: room })
  expect((await stat(join(room, '.caly'))).mode & 0o777).toBe(0o700)
  const second = await startCaly({ env: settings })
  try {
    const admin = await adminOf(second)
    const { body } = await admin('GET', `/api/calls/${id}`)
    expect(body).toMatchObject({ to: '+919999900010' })
  } finally {
    await second.stop()
  }
})
