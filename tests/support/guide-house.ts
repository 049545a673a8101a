/** A service with something in it, and a shell beside it in which the commands of the guides run. */
import { randomBytes } from 'node:crypto'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { npmLock, record } from '../scans/scan-house.ts'
import { administer } from './administer.ts'
import { adminOf, clientOf } from './client.ts'
import { runCommand } from './command.ts'
import { createScratchDatabase, fillDataDir } from './database.ts'
import { exotelStandIn } from './exotel.ts'
import { root } from './guides.ts'
import { type Caly, eventually, freePort, startCaly } from './process.ts'
import { shell } from './readme.ts'
import { startRegistry } from './registry/index.ts'
import { zipOf } from './registry/zip.ts'

/** How a command ended. */
export interface EndedCommand {
  readonly text: string
  readonly code: number
  /** What it printed, on both streams. */
  readonly said: string
}

/** The house. */
export interface GuideHouse {
  readonly baseUrl: URL
  /** Runs commands one behind the other in one shell. */
  run(commands: readonly string[]): Promise<readonly EndedCommand[]>
  /** Runs SQL by psql, with roles and a database of its own; what went wrong, or nothing. */
  sql(text: string): Promise<string>
  close(): Promise<void>
}

const secret = 'a-secret-of-this-provider'
const metricsToken = randomBytes(16).toString('hex')

/** Starts all of it. @throws where there is no PostgreSQL */
export async function openGuideHouse(): Promise<GuideHouse> {
  const server = process.env['TEST_DATABASE_URL']
  if (server === undefined) throw new Error('The guides are for PostgreSQL: set TEST_DATABASE_URL')
  const room = await mkdtemp(join(tmpdir(), 'caly-guides-'))
  const port = await freePort()
  const exotel = await exotelStandIn({ step: 50 })
  const registry = await startRegistry({ records: [record('GHSA-2222-2222-2222', 'x', '1.0.0')] })
  const caly = await startCaly({
    env: {
      ...exotel.env,
      PORT: String(port),
      METRICS_TOKEN: metricsToken,
      RECONCILE_AFTER: '500',
      AUDIT_ANCHOR: join(room, 'anchor.jsonl'),
      RATE_LIMIT_AUTH: 'off',
      MAX_EVENT_LOOP_LAG: '60s',
      DB_POOL_MAX: '5',
      DB_POOL_MIN: '1',
    },
  })
  const production = await createScratchDatabase(false)
  const made: string[] = []
  const dataFolders = ['start', 'up'].map((name) => join(room, name))
  for (const folder of dataFolders) await fillDataDir(folder)
  await furnish(room, caly)
  const variables = {
    ...caly.env,
    ...(await people(caly)),
    ROOT: root,
    BUN: process.execPath,
    START_PORT: String(await freePort()),
    UP_PORT: String(await freePort()),
    SIM_PORT: String(await freePort()),
    SCAN_REGISTRY: registry.url,
    SCAN_OSV: registry.url,
    METRICS_TOKEN: metricsToken,
    SECRET: secret,
    ONE: '+919999900001',
    OTHER: '+919999900010',
  }

  /** What stands for the reader's own. */
  const filled = (text: string): string =>
    (text.includes('-X DELETE') ? text.replace(/\$((?:CALL|KEY|USER)_ID)/, '$DELETED_$1') : text)
      .replaceAll('localhost:3000', `localhost:${port}`)
      .replaceAll('127.0.0.1:4010', `127.0.0.1:${variables.SIM_PORT}`)
      .replace(/postgres:\/\/caly:…@postgres\.internal:5432\/caly/, production?.url ?? '')
      .replace('CALY_ADMIN_PASSWORD=…', "CALY_ADMIN_PASSWORD='correct horse battery staple'")
      .replace(/\b(EXOTEL_\w+)=…/g, '$1=$(printed $1)')

  /** Roles and databases of the server are everybody's: each block gets its own, which are there if it makes none. */
  const renamed = async (text: string): Promise<string> => {
    const name = `caly_guides_${randomBytes(6).toString('hex')}`
    made.push(name)
    if (!/create role/i.test(text)) await administer(server, `create role ${name}`)
    return text.replace(/\bcaly(_owner)?\b/g, `${name}$1`).replaceAll("'…'", "'a password'")
  }

  return {
    baseUrl: caly.baseUrl,
    async run(commands) {
      const steps = commands.map((text) => `${filled(text)}\nended "$?"`)
      const script = [prelude, ...steps, ''].join('\n')
      const printed = await shell(script, { cwd: room, env: variables })
      const parts = printed.split(/\n@@ended (\d+)\n/)
      return commands.map((text, index) => ({
        text,
        code: Number(parts[index * 2 + 1] ?? -1),
        said: (parts[index * 2] ?? '').slice(-2000),
      }))
    },
    async sql(text) {
      const isOfThisDatabase = !/role/i.test(text)
      const url = isOfThisDatabase ? (caly.env['DATABASE_URL'] ?? '') : server
      await writeFile(join(room, 'block.sql'), isOfThisDatabase ? text : await renamed(text))
      const psql =
        'psql --quiet --set=ON_ERROR_STOP=1 --output=/dev/null --file=block.sql "$URL" 2>&1'
      return shell(`${psql} || true`, { cwd: room, env: { ...process.env, URL: url } })
    },
    async close() {
      await caly.stop()
      await exotel.close()
      await registry.close()
      await production?.drop()
      for (const name of made) {
        await administer(server, `drop database if exists ${name} with (force)`)
        for (const role of [name, `${name}_owner`])
          await administer(server, `drop role if exists ${role}`)
      }
      await rm(room, { recursive: true, force: true })
    },
  }
}

/** What the commands find in the folder that they run in. */
async function furnish(room: string, caly: Caly): Promise<void> {
  const lock = npmLock({ dependencies: { x: '1.0.0' }, packages: { x: { version: '1.0.0' } } })
  const sbom = {
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
    components: [{ type: 'library', name: 'x', version: '1.0.0', purl: 'pkg:npm/x@1.0.0' }],
  }
  const advisory = record('GHSA-2222-2222-2222', 'x', '1.0.0')
  await mkdir(join(room, 'services/api'), { recursive: true })
  for (const folder of ['', 'services/api'])
    await writeFile(join(room, folder, 'package-lock.json'), lock)
  await writeFile(join(room, 'sbom.json'), JSON.stringify(sbom))
  await writeFile(
    join(room, 'npm.zip'),
    zipOf([{ name: `${advisory.id}.json`, text: JSON.stringify(advisory) }]),
  )
  await cp(join(root, 'grafana'), join(room, 'grafana'), { recursive: true })
  // Not a single request is in it before the first one.
  await fetch(new URL('/api', caly.baseUrl))
  const lines = () =>
    caly
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
  await eventually(
    async () => lines(),
    (all) => all.some((line) => line.includes('"msg":"request"')),
  )
  await writeFile(join(room, 'caly.log'), `${lines().join('\n')}\n`)
}

/** Somebody to log in, and a thing of each kind: one to look at, another to delete. */
async function people(caly: Caly): Promise<Record<string, string>> {
  const admin = await adminOf(caly)
  const email = 'grace@example.com'
  const password = 'a horse that nobody has guessed'
  const user = { email, name: 'Grace Hopper', role: 'admin', password }
  const made = await admin('POST', '/api/users', user)
  const other = await admin('POST', '/api/users', { ...user, email: 'alan@example.com' })
  const logIn = () => clientOf(caly)('POST', '/api/auth/login', { email, password })
  const scopes = [
    ...['calls:read', 'calls:write', 'recordings:read', 'keys:write', 'users:write'],
    ...['audit:read', 'audit:export', 'ops:read', 'scans:read', 'scans:run'],
  ]
  const key = async () => (await admin('POST', '/api/keys', { name: 'guides', scopes })).body
  const call = async (record: boolean) => {
    const body = { from: '+919999900001', to: '+919999900010', record }
    return (await admin('POST', '/api/calls', body)).body.id
  }
  const [own, callId, deletedCallId] = [await key(), await call(true), await call(false)]
  await clientOf(caly)('POST', `/api/webhooks/exotel/${secret}`, '{"CallSid": ["a", "b"]', {
    'content-type': 'application/json',
  })
  const scan = await admin('POST', '/api/scans')
  await eventually(
    async () => (await admin('GET', `/api/calls/${callId}`)).body,
    ({ recordingAvailable }) => recordingAvailable,
    30_000,
  )
  const messages = await eventually(
    () => runCommand(caly, ['webhooks', 'list']),
    ({ out }) => /[0-9a-f-]{36}/.test(out),
  )
  const [messageId = ''] = /[0-9a-f-]{36}/.exec(messages.out) ?? []
  const client = await runCommand(caly, ['clients', 'create', '--name', 'Guides'])
  return {
    KEY: own.key,
    KEY_ID: (await key()).id,
    DELETED_KEY_ID: (await key()).id,
    STOLEN_KEY_ID: (await key()).id,
    TOKEN: (await logIn()).body.accessToken,
    REFRESH_TOKEN: (await logIn()).body.refreshToken,
    EMAIL: email,
    PASSWORD: password,
    USER_ID: other.body.id,
    DELETED_USER_ID: other.body.id,
    CALL_ID: callId,
    DELETED_CALL_ID: deletedCallId,
    SCAN_ID: scan.body.id,
    CLIENT_ID: client.word('Client'),
    MESSAGE_ID: messageId,
    REQUEST_ID: made.headers.get('x-request-id') ?? '',
  }
}

/** What the words of the guides are in this shell: programs of the repository, in the background where they stay. */
const prelude = `
set +eu
exec 2>&1 </dev/null
background=()
trap 'kill "\${background[@]}" 2>/dev/null; wait' EXIT
ended() { printf '\\n@@ended %s\\n' "$1"; }
until_true() { for _ in $(seq 300); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done; return 1; }
curl() { command curl -f "$@"; }
printed() { grep -o "$1=[^ ]*" simulator.log | head -n 1 | cut -d= -f2-; }
serve() {
  "$BUN" "$ROOT/src/main.ts" >"$2.log" 2>&1 &
  background+=($!)
  until_true command curl -f "http://127.0.0.1:$1/health/ready" || { tail -n 5 "$2.log"; return 1; }
}
caly() {
  if [ "$1" = exotel-simulator ]; then
    # What an earlier one has said is no sign of this one.
    : >simulator.log
    "$BUN" "$ROOT/src/cli.ts" "$@" --port "$SIM_PORT" --step 20ms >simulator.log 2>&1 &
    background+=($!)
    until_true grep CALLER_ID simulator.log
  else
    "$BUN" "$ROOT/src/cli.ts" "$@"
  fi
}
bun() {
  case "$1 \${2:-}" in
    'run caly') shift 2; caly "$@" ;;
    'run start') PORT=$START_PORT CALY_DATA_DIR=start AUDIT_ANCHOR= serve "$START_PORT" start ;;
    'run up') DATABASE_URL= ENCRYPTION_KEY= PORT=$UP_PORT CALY_DATA_DIR=up AUDIT_ANCHOR= serve "$UP_PORT" up ;;
    *) command "$BUN" "$@" ;;
  esac
}
`
