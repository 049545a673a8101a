/** `caly exotel-simulator` as a process of its own, on each runtime that is here. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { faults } from '../../src/exotel-simulator/index.ts'
import { until } from '../calls/house.ts'
import { agent, customer, exoPhone, value } from '../exotel-simulator/house.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const runtimes = { bun: [process.execPath], deno: ['deno', 'run', '-A'] } as const
const hasDeno = spawnSync('deno', ['--version']).status === 0
const startLimit = 30_000

function start([command, ...rest]: readonly [string, ...string[]], args: readonly string[]) {
  const child: ChildProcess = spawn(command, [...rest, 'src/cli.ts', 'exotel-simulator', ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, exited, output: () => output }
}

for (const runtime of hasDeno ? (['bun', 'deno'] as const) : (['bun'] as const))
  describe(`on ${runtime}`, () => {
    let program: ReturnType<typeof start>
    let word: (name: string) => string
    beforeAll(async () => {
      const args = ['--port', '0', '--step', '20ms', '--fault', 'lost-answer=0', '--sid', 'acc1']
      program = start(runtimes[runtime], args)
      await until(
        async () => (program.output().includes('CALLER_ID') ? true : undefined),
        startLimit,
      )
      word = (name) => new RegExp(`${name}=(\\S+)`).exec(program.output())?.[1] ?? ''
    }, startLimit)
    afterAll(() => {
      program.child.kill('SIGKILL')
    })

    const ask = (path: string, init: RequestInit = {}) =>
      fetch(new URL(path, word('EXOTEL_SUBDOMAIN')), {
        ...init,
        headers: {
          authorization: `Basic ${btoa(`${word('EXOTEL_API_KEY')}:${word('EXOTEL_API_TOKEN')}`)}`,
        },
      })

    test('it prints the environment to start Caly with', () => {
      expect(word('EXOTEL_SID')).toBe('acc1')
      expect(word('EXOTEL_CALLER_ID')).toBe(exoPhone)
      expect(word('EXOTEL_SUBDOMAIN')).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    })

    test('it places and reports calls, and prints a line for each, without a number', async () => {
      const heard: string[] = []
      const receiver = Bun.serve({
        port: 0,
        async fetch(request) {
          heard.push(String((await request.formData()).get('Status')))
          return new Response('OK')
        },
      })
      const body = new URLSearchParams({
        ...{ From: agent, To: customer, CallerId: exoPhone, StatusCallback: receiver.url.href },
        ...{ 'StatusCallbackEvents[0]': 'terminal', 'StatusCallbackEvents[1]': 'answered' },
      })
      const answer = await ask('/v1/Accounts/acc1/Calls/connect.json', { method: 'POST', body })
      const sid = String(value(await answer.json(), 'Call', 'Sid'))
      await until(async () => (heard.length === 3 ? true : undefined))
      expect(heard).toEqual(['in-progress', 'in-progress', 'completed'])
      await until(
        async () => program.output().includes(`call ${sid} outbound-api completed`) || undefined,
      )
      expect(program.output()).not.toContain(customer.slice(3))
      await until(async () => {
        const told = await (await ask('/simulator/calls')).json()
        return value(told, 'calls', 0, 'callbacks', 'accepted') === 3 || undefined
      })
      await receiver.stop(true)
    })

    test('it demands credentials', async () => {
      const path = new URL('/simulator/calls', word('EXOTEL_SUBDOMAIN'))
      expect((await fetch(path)).status).toBe(401)
      await until(async () => program.output().includes('refused 401') || undefined)
    })

    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      test(
        `${signal} stops it with exit code 0, with a connection open and a call under way`,
        async () => {
          const other = start(runtimes[runtime], [
            '--port',
            '0',
            '--step',
            '30s',
            '--fault',
            'lost-answer=1',
          ])
          await until(
            async () => (other.output().includes('CALLER_ID') ? true : undefined),
            startLimit,
          )
          const [, url = ''] = /EXOTEL_SUBDOMAIN=(\S+)/.exec(other.output()) ?? []
          const [, key] = /API_KEY=(\S+)/.exec(other.output()) ?? []
          const [, token] = /API_TOKEN=(\S+)/.exec(other.output()) ?? []
          const cut = fetch(`${url}/v1/Accounts/calysimulator1/Calls/connect.json`, {
            method: 'POST',
            headers: { authorization: `Basic ${btoa(`${key}:${token}`)}` },
            body: new URLSearchParams({ From: agent, To: customer, CallerId: exoPhone }),
          })
          await expect(cut).rejects.toThrow()
          expect((await fetch(url)).status).toBe(401)
          other.child.kill(signal)
          expect(await other.exited).toBe(0)
          expect(other.output()).toContain('fault lost-answer: connect 1')
        },
        startLimit,
      )
  })

test('--help lists every fault, and exits 0', async () => {
  const { exited, output } = start(runtimes.bun, ['--help'])
  expect(await exited).toBe(0)
  for (const name of Object.keys(faults)) expect(output()).toContain(`  ${name} `)
})

for (const [args, message] of [
  [['--fault', 'lost=1'], '--fault takes a name'],
  [['--fault', 'slow=2'], '--fault takes a name'],
  [['--fault', 'slow'], '--fault takes a name'],
  [['--port', 'x'], '--port must be a whole number'],
  [['--step', '0'], '--step must be a duration'],
  [['--passthru', 'http://user:secret-word@x'], '--passthru must be an http(s) URL'],
  [['--sid', 'a/b'], 'sid must be'],
  [['--volume', '11'], 'An option is not known'],
] as const)
  test(`${args.join(' ').replace('secret-word', '…')} exits 2 and says why`, async () => {
    const { exited, output } = start(runtimes.bun, args)
    expect(await exited).toBe(2)
    expect(output()).toContain(message)
    expect(output()).not.toContain('secret-word')
  })

test('a port that is taken exits 1 and says so', async () => {
  const taken = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  const { exited, output } = start(runtimes.bun, ['--port', String(taken.port)])
  expect(await exited).toBe(1)
  expect(output()).toContain('The port cannot be listened on: EADDRINUSE')
  await taken.stop(true)
})
