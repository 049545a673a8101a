/** The command line, beside a service that is running, and alone. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import process from 'node:process'
import manifest from '../../package.json' with { type: 'json' }
import { variables } from '../../src/config.ts'
import { adminOf, clientOf } from '../support/client.ts'
import { caly as runCaly } from '../support/command.ts'
import { type Caly, startCaly } from '../support/process.ts'

// Each command is a process of its own, which takes a while to load on a busy machine.
setDefaultTimeout(30_000)

const caly = (args: readonly string[], env: Readonly<Record<string, string>>, stdin = '') =>
  runCaly(args, { env, stdin })

/** What was typed, in one line, all of it visible. */
const title = (args: readonly string[]): string =>
  args.map((arg) => (arg.length > 40 ? `${arg.length} characters` : encodeURI(arg))).join(' ')

const bare = { PATH: process.env['PATH'] ?? '' }

describe('without a database', () => {
  test('--help lists the commands, each --help tells how it is called, and both exit 0', async () => {
    const { code, out } = await caly(['--help'], bare)
    expect(code).toBe(0)
    const commands = [
      'serve',
      'migrate',
      'clients create',
      'users create',
      'users password',
      'keys create',
    ]
    for (const name of commands) {
      expect(out).toContain(name)
      const help = await caly([...name.split(' '), '--help'], bare)
      expect(help.code).toBe(0)
      expect(help.out).toContain(`Usage: caly ${name}`)
    }
  }, 30_000)

  test('serve --help lists every variable with its default', async () => {
    const { out } = await caly(['serve', '--help'], bare)
    for (const name of Object.keys(variables)) expect(out).toContain(`  ${name}\n`)
    expect(out).toContain('(default: 1000/1m)')
  })

  test('--version tells the version of the manifest and of the change log, and the runtime', async () => {
    const { out } = await caly(['--version'], bare)
    expect(out).toMatch(/^caly \d+\.\d+\.\d+, (?:bun|deno) \d+\.\d+\.\d+\n$/)
    const [, told = ''] = /^caly (\S+),/.exec(out) ?? []
    expect(told).toBe(manifest.version)
    const changes = await readFile(new URL('../../CHANGELOG.md', import.meta.url), 'utf8')
    const [newest] = changes.matchAll(/^## \[(\d[^\]]*)\] - \d{4}-\d{2}-\d{2}$/gm)
    expect(newest?.[1]).toBe(told)
  })

  const client = ['--client', '01890a5d-ac96-774b-bcce-b302099a8057'] as const
  const user = ['users', 'create', ...client, '--role', 'operator', '--email'] as const
  const key = ['keys', 'create', ...client, '--scope', 'calls:read', '--name'] as const
  const wrong = [
    [[], 'Usage: caly <command>'],
    [['dance'], 'There is no such command'],
    [['clients', 'create'], '--name is missing'],
    [['clients', 'create', '--nmae', 'x'], 'An option is not known'],
    [['clients', 'create', '--name', 'x'.repeat(100_000)], '--name must be 1 to 100 characters'],
    [['clients', 'create', '--name', 'a\nb'], '--name must be 1 to 100 characters'],
    [['clients', 'create', '--name', 'a\u001b[31mb'], '--name must be 1 to 100 characters'],
    [
      ['users', 'create', '--client', 'x', '--email', 'a@b.co', '--role', 'king'],
      '--role must be one of',
    ],
    [[...user, 'bad\nmail'], '--email must be an e-mail address'],
    [[...user, 'nobody'], '--email must be an e-mail address'],
    [[...user, `${'a'.repeat(250)}@b.co`], '--email must be an e-mail address'],
    [[...user, `${'a'.repeat(60)}@${'b'.repeat(60)}.co`], '--name must be 1 to 100 characters'],
    [[...user, 'a@b.co', '--name', 'a\u001b[31mb'], '--name must be 1 to 100 characters'],
    [[...user, 'a@b.co', '--name', 'a\u202Eb'], '--name must be 1 to 100 characters'],
    [[...user, 'a@b.co', '--name', ''], '--name is missing'],
    [
      ['users', 'create', '--client', 'nope', '--email', 'a@b.co', '--role', 'admin'],
      '--client must be the id of a client, as `caly clients create` prints it',
    ],
    [['keys', 'create', '--client', 'x', '--name', 'y', '--scope', 'all'], '--scope takes'],
    [[...key, 'y', '--expires-in-days', '0'], 'whole number'],
    [[...key, 'k\n\u001b[0m'], '--name must be 1 to 100 characters'],
    [[...key, 'k'.repeat(5000)], '--name must be 1 to 100 characters'],
    [
      ['keys', 'create', '--client', 'nope', '--name', 'y', '--scope', 'calls:read'],
      '--client must be the id of a client, as `caly clients create` prints it',
    ],
  ] as const
  for (const [args, message] of wrong)
    test(`caly ${title(args)} exits 2 and says why`, async () => {
      const { code, out, error } = await caly(args, bare)
      expect(code).toBe(2)
      expect(out + error).toContain(message)
      expect(error).not.toMatch(/\n\s+at /)
    })
})

describe('beside a running service', () => {
  let service: Caly
  let env: Readonly<Record<string, string>>
  beforeAll(async () => {
    service = await startCaly()
    env = service.env
  }, 90_000)
  afterAll(async () => {
    await service.stop()
  }, 30_000)

  test('the service tells the version that the command line tells', async () => {
    const { body } = await clientOf(service)('GET', '/api')
    expect((await caly(['--version'], env)).out).toStartWith(`caly ${body.version},`)
  })

  test('a client, a user and a key are created, and work at once', async () => {
    const client = await caly(['clients', 'create', '--name', 'Acme'], env)
    expect(client.code).toBe(0)
    const id = client.out.trim().split(' ')[1] ?? ''
    const user = await caly(
      ['users', 'create', '--client', id, '--email', 'Op@Acme.example', '--role', 'operator'],
      env,
    )
    expect(user.code).toBe(0)
    const password = /Password (\S+)/.exec(user.out)?.[1]
    const login = await clientOf(service)('POST', '/api/auth/login', {
      email: 'op@acme.example',
      password,
    })
    expect(login.body.user).toMatchObject({ role: 'operator', email: 'op@acme.example' })

    const key = await caly(
      [
        'keys',
        'create',
        '--client',
        id,
        '--name',
        'ci',
        '--scope',
        'calls:read',
        '--expires-in-days',
        '1',
      ],
      env,
    )
    expect(key.code).toBe(0)
    const token = key.out.trim().split(' ')[1]
    expect((await clientOf(service, token)('GET', '/api/calls')).status).toBe(200)
    expect((await clientOf(service, token)('GET', '/api/keys')).status).toBe(403)
  }, 60_000)

  test('a password is changed from the standard input, and ends the sessions of the old one', async () => {
    const session = await adminOf(service)
    expect((await session('GET', '/api/auth/me')).status).toBe(200)
    const args = ['users', 'password', '--email', service.admin.email, '--password-stdin']
    expect((await caly(args, env, 'too short\n')).code).toBe(2)
    expect((await caly(args, env, 'a much better passphrase\n')).code).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 1000)) // the contract's second
    expect((await session('GET', '/api/auth/me')).status).toBe(401)
    const again = await clientOf(service)('POST', '/api/auth/login', {
      email: service.admin.email,
      password: 'a much better passphrase',
    })
    expect(again.status).toBe(200)
  }, 60_000)

  test('what is not there, or belongs to the platform alone, is refused', async () => {
    const nobody = await caly(['users', 'password', '--email', 'nobody@example.com'], env)
    expect(nobody.code).toBe(1)
    const stranger = ['--client', '01890a5d-ac96-774b-bcce-b302099a8057']
    for (const args of [
      ['users', 'create', ...stranger, '--email', 'a@b.co', '--role', 'admin'],
      ['keys', 'create', ...stranger, '--name', 'x', '--scope', 'calls:read'],
    ]) {
      const { code, error } = await caly(args, env)
      expect([code, error]).toEqual([1, 'There is no client with this id\n'])
    }
    const client = await caly(['clients', 'create', '--name', 'Globex'], env)
    const id = client.out.trim().split(' ')[1] ?? ''
    const key = await caly(
      ['keys', 'create', '--client', id, '--name', 'x', '--scope', 'ops:read'],
      env,
    )
    expect(key.code).toBe(2)
    expect(key.error).toContain('platform')
  }, 60_000)

  test('migrate finds nothing to do', async () => {
    const { code, out } = await caly(['migrate'], env)
    expect(code).toBe(0)
    expect(out).toBe('Nothing to migrate\n')
  }, 30_000)
})
