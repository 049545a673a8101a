/**
 * There is no Docker here: what the Dockerfile says is done by hand. The same files and packages, read-only
 * as everything else but the volume, the same user without any capability, the same commands.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import manifest from '../../package.json' with { type: 'json' }
import { createScratchDatabase } from '../support/database.ts'
import { eventually, freePort } from '../support/process.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const dockerfile = (await readFile(join(root, 'Dockerfile'), 'utf8')).replaceAll('\\\n', ' ')

/** What stands behind an instruction, the last of its kind. */
function instruction(name: string): string {
  const found = [...dockerfile.matchAll(new RegExp(`^ *(?:HEALTHCHECK.*)?${name} (.+)$`, 'gm'))]
  const text = found.at(-1)?.[1]
  if (text === undefined) throw new Error(`The Dockerfile has no ${name}`)
  return text
}

const [, uid = '', gid = ''] = /^(\d+):(\d+)$/.exec(instruction('USER')) ?? []
const volume = instruction('VOLUME')

let folder: string
let database: Awaited<ReturnType<typeof createScratchDatabase>>
let env: Readonly<Record<string, string>>
let child: ChildProcess
let output = ''

/** Runs a command as in the container: as its user, with nothing to write to but the volume. */
function contained(command: readonly string[], started: typeof spawn | typeof spawnSync) {
  const script = [
    `mount --bind "$1${volume}" "$1${volume}"`,
    'mount -o remount,bind,ro /',
    ...['/tmp', '/dev/shm', '/run', '/var/tmp'].map(
      (path) => `{ ! mountpoint -q ${path} || mount -o remount,bind,ro ${path}; }`,
    ),
    'cd "$1/app" && shift',
    `exec setpriv --reuid ${uid} --regid ${gid} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"`,
  ].join(' && ')
  const [program = '', ...rest] = command
  const run = program === 'bun' ? process.execPath : program
  const args = [
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-ec',
    script,
    'sh',
    folder,
    run,
    ...rest,
  ]
  return started('unshare', args, { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
}

beforeAll(async () => {
  database = await createScratchDatabase()
  if (database === undefined) throw new Error('TEST_DATABASE_URL is missing')
  folder = await mkdtemp(join(tmpdir(), 'caly-image-'))
  const app = join(folder, 'app')
  await mkdir(app)
  await chmod(folder, 0o755)
  const copies = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \.\S*$/gm)]
  for (const name of new Set(copies.flatMap(([, names = '']) => names.split(' '))))
    await cp(join(root, name), join(app, name), { recursive: true })
  const [installing = ''] = dockerfile.split(/^FROM (?!.* AS )/m)
  for (const [, command = ''] of installing.matchAll(/^RUN (.+)$/gm)) {
    const ran = spawnSync('sh', ['-ec', command], { cwd: app })
    if (ran.status !== 0) throw new Error(ran.stderr.toString())
  }
  await mkdir(join(folder, volume))
  await chown(join(folder, volume), Number(uid), Number(gid))
  const variables = instruction('ENV').matchAll(/(\w+)=(\S+)/g)
  const image = Object.fromEntries([...variables].map(([, name, value]) => [name, value]))
  env = {
    PATH: process.env['PATH'] ?? '',
    ...image,
    CALY_DATA_DIR: join(folder, volume),
    PORT: String(await freePort()),
    DATABASE_URL: database.url,
    ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    PUBLIC_URL: 'https://calls.example.com',
    TRUSTED_PROXIES: '127.0.0.1',
    CALY_PROVIDER: 'simulator',
    SCAN_SCHEDULE: 'off',
  }
  child = contained(JSON.parse(dockerfile.match(/^CMD (.+)$/m)?.[1] ?? '[]'), spawn) as ChildProcess
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  await eventually(ready, (status) => status === 200, 60_000).catch((error: unknown) => {
    throw new Error(output, { cause: error })
  })
}, 120_000)

afterAll(async () => {
  child?.kill('SIGKILL')
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})

const ready = () =>
  fetch(`http://127.0.0.1:${env['PORT']}/health/ready`).then(
    ({ status }) => status,
    () => 0,
  )

test('it has what it needs and nothing that is for developers only', async () => {
  const packages = await readdir(join(folder, 'app/node_modules'))
  expect(packages).toEqual(expect.arrayContaining(['elysia', 'pg-boss']))
  for (const name of [
    '@biomejs',
    'typescript',
    'kubernetes-models',
    'playwright-core',
    'autocannon',
  ]) {
    expect(Object.keys(manifest.devDependencies).join()).toContain(basename(name))
    expect(packages).not.toContain(name)
  }
})

test('it serves over what the proxy says is HTTPS, as its own user, and writes to its volume alone', async () => {
  const answer = await fetch(`http://127.0.0.1:${env['PORT']}/api`, {
    headers: {
      host: 'calls.example.com',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
    },
  })
  expect([answer.status, await answer.json()]).toMatchObject([200, { version: manifest.version }])
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  expect(status).toMatch(new RegExp(`^Uid:\\t${uid}\\t${uid}`, 'm'))
  for (const set of ['CapEff', 'CapPrm', 'CapBnd'])
    expect(status).toMatch(`${set}:\t0000000000000000`)
  const touched = contained(['touch', join(folder, 'app/src/main.ts')], spawnSync)
  expect('status' in touched && touched.status).toBe(1)
  expect(output).not.toContain('EROFS')
})

test('the paths that Kubernetes probes answer 200 over plain HTTP, on a pod’s address as Host', async () => {
  const kubernetes = await readFile(join(root, 'deploy/kubernetes/caly.yaml'), 'utf8')
  const paths = [...kubernetes.matchAll(/httpGet: \{ path: (\S+), port: http \}/g)]
  expect(paths).toHaveLength(3)
  for (const [, path] of paths) {
    const url = `http://127.0.0.1:${env['PORT']}${path}`
    const answer = await fetch(url, { headers: { host: '10.1.2.3:3000' }, redirect: 'manual' })
    expect([path, answer.status]).toEqual([path, 200])
  }
})

test('its health check passes while it serves, and fails once it is stopped; SIGTERM ends it with 0', async () => {
  const check = JSON.parse(dockerfile.match(/^HEALTHCHECK.*CMD (.+)$/m)?.[1] ?? '[]')
  const healthy = () => {
    const ended = contained(check, spawnSync)
    return 'status' in ended && ended.status
  }
  expect(healthy()).toBe(0)
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill(instruction('STOPSIGNAL') as NodeJS.Signals)
  expect(await ended).toBe(0)
  expect(healthy()).toBe(1)
})
