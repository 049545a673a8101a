import { afterAll, beforeAll, expect, test } from 'bun:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Server, start } from './contenders.ts'
import { openLoop } from './open-loop.ts'
import { Processes } from './processes.ts'

const processes = new Processes()
let server: Server
beforeAll(async () => {
  const bare = { name: 'bare', script: 'tests/bench/servers/bare.ts', ready: '/' }
  server = await start(processes, { ...bare, runtime: 'bun' })
})
afterAll(() => processes.kill())

const load = { rate: 500, seconds: 1, connections: 2 }

test('a server that stalls is told by every request that was due meanwhile, not by the two under way', async () => {
  const asking = openLoop({ ...load, url: new URL('/api', server.origin) })
  await pause(300)
  server.child.kill('SIGSTOP')
  await pause(400)
  server.child.kill('SIGCONT')
  const { p99, most, failures, requests } = await asking
  expect({ failures, requests }).toEqual({ failures: 0, requests: 500 })
  // About 200 of 500 were due in these 400 ms; two were under way.
  expect(p99).toBeGreaterThan(200)
  expect(most).toBeGreaterThan(300)
})

test('an answer that is no success is a failure', async () => {
  const url = new URL('/nothing-here', server.origin)
  const { failures, requests } = await openLoop({ ...load, seconds: 0.1, url })
  expect({ failures, requests }).toEqual({ failures: 50, requests: 50 })
})

test('requests that are never answered are failures, and as slow as the whole wait', async () => {
  server.child.kill('SIGSTOP')
  const asking = { ...load, seconds: 0.1, url: new URL('/api', server.origin), patience: 200 }
  const { failures, requests, p50 } = await openLoop(asking)
  expect({ failures, requests }).toEqual({ failures: 50, requests: 50 })
  expect(p50).toBeGreaterThan(200)
})
