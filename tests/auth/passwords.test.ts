import { afterEach, describe, expect, test } from 'bun:test'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import process from 'node:process'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { argon2id } from 'hash-wasm'
import {
  needsRehash,
  type PasswordHasher,
  type PasswordHasherOptions,
  passwordHasher,
} from '../../src/auth/passwords/index.ts'
import { OverloadedError } from '../../src/errors.ts'

const open: PasswordHasher[] = []
const hasher = (options?: PasswordHasherOptions) => {
  const made = passwordHasher(options)
  open.push(made)
  return made
}
afterEach(async () => {
  for (const made of open.splice(0)) await made.close()
})

/** A worker that dies over one job, and answers the others. */
const brittle = new URL('./brittle-worker.ts', import.meta.url)

const outcomes = async (jobs: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(jobs)).map((job) => (job.status === 'fulfilled' ? 'ok' : job.reason))

describe('passwordHasher()', () => {
  test("hashes with Argon2id in the parameters of OWASP's cheat sheet, with a salt of its own", async () => {
    const { hash, verify } = hasher()
    const [one, two] = [await hash('a password of mine'), await hash('a password of mine')]
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(two).not.toBe(one)
    expect(await verify(one, 'a password of mine')).toBe(true)
    expect(await verify(one, 'a password of yours')).toBe(false)
  })

  test('says no where there is no such user, to the empty password, and beyond 1024 bytes', async () => {
    const { hash, verify } = hasher()
    const long = 'x'.repeat(1025)
    expect(await verify(undefined, 'a password of mine')).toBe(false)
    expect(await verify(await hash('no password at all'), '')).toBe(false)
    expect(await verify(await hash(long), long)).toBe(false)
  })

  test('lets its thread go after a while without work, and works on with another', async () => {
    const { hash, verify } = hasher({ idle: 1 })
    const threads = () => readdirSync('/proc/self/task').length
    const phc = await hash('a password of mine')
    const busy = threads()
    const deadline = performance.now() + 10_000
    while (threads() >= busy && performance.now() < deadline) await setImmediate()
    expect(threads()).toBeLessThan(busy)
    expect(await verify(phc, 'a password of mine')).toBe(true)
  }, 20_000)

  test('refuses what its queue does not hold, and leaves the event loop free meanwhile', async () => {
    const flooded = hasher({ maxQueue: 8 })
    const jobs = Array.from({ length: 40 }, () => flooded.verify(undefined, 'guess'))
    expect(flooded.pending).toBe(9)
    const watching = outcomes(jobs)
    let turns = 0
    while (flooded.pending > 0) {
      await setImmediate()
      turns += 1
    }
    const results = await watching
    expect(results.filter((result) => result === 'ok')).toHaveLength(9)
    expect(results.filter((result) => result instanceof OverloadedError)).toHaveLength(31)
    // Hashing in the event loop's own thread would leave it a few dozen.
    expect(turns).toBeGreaterThan(1000)
    expect(await flooded.verify(undefined, 'later')).toBe(false)
  }, 20_000)

  test('compares urgent passwords first, also where its queue is full', async () => {
    const hasher = passwordHasher({ maxQueue: 2 })
    const order: string[] = []
    const note = (name: string) => (result: Promise<boolean>) =>
      result.then(
        () => order.push(name),
        () => order.push(`${name} refused`),
      )
    await Promise.all([
      note('running')(hasher.verify(undefined, 'a')),
      note('first')(hasher.verify(undefined, 'b')),
      note('second')(hasher.verify(undefined, 'c')),
      note('urgent')(hasher.verify(undefined, 'd', true)),
      note('urgent too')(hasher.verify(undefined, 'e', true)),
      note('one urgent too many')(hasher.verify(undefined, 'f', true)),
    ])
    const compared = order.filter((name) => !name.includes('refused'))
    expect(compared).toEqual(['running', 'urgent', 'urgent too'])
    expect(order.filter((name) => name.includes('refused')).sort()).toEqual([
      'first refused',
      'one urgent too many refused',
      'second refused',
    ])
    await hasher.close()
  })

  test('fails the job that its thread broke over, and does the others in a new one', async () => {
    const { hash } = hasher({ worker: brittle })
    const [before, broken, after] = await outcomes([hash('one'), hash('crash'), hash('two')])
    expect([before, after]).toEqual(['ok', 'ok'])
    expect(broken).toBeInstanceOf(Error)
    const [ended, later] = await outcomes([hash('exit'), hash('three')])
    expect(ended).toBeInstanceOf(Error)
    expect(later).toBe('ok')
  })

  test('fails what waits and runs when it is closed, and whatever comes later', async () => {
    const closing = hasher()
    const jobs = outcomes([closing.hash('one'), closing.hash('two')])
    await closing.close()
    expect(await jobs).toEqual([expect.any(OverloadedError), expect.any(OverloadedError)])
    await expect(closing.hash('three')).rejects.toBeInstanceOf(OverloadedError)
    expect(closing.pending).toBe(0)
  })

  test('keeps a process alive until its job is done, and no longer', async () => {
    const script = new URL('./hash-and-end.ts', import.meta.url).pathname
    const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 20_000 })
    expect(stdout).toStartWith('$argon2id$')
  }, 30_000)

  test('refuses a queue that is no whole number', () => {
    expect(() => passwordHasher({ maxQueue: 0.5 })).toThrow('maxQueue must be a whole number')
  })
})

test('a hash asks to be made anew where any of its costs is lower than today', async () => {
  const costs = { memorySize: 19_456, iterations: 2, parallelism: 1 }
  const hashOf = (weaker: Partial<typeof costs>) =>
    argon2id({
      ...costs,
      ...weaker,
      password: 'p',
      salt: new Uint8Array(16),
      hashLength: 32,
      outputType: 'encoded',
    })
  expect(needsRehash(await hashOf({}))).toBe(false)
  expect(needsRehash(await hashOf({ iterations: 3 }))).toBe(false)
  expect(needsRehash(await hashOf({ iterations: 1 }))).toBe(true)
  expect(needsRehash(await hashOf({ memorySize: 8192 }))).toBe(true)
  expect(needsRehash('$2b$12$something')).toBe(true)
})
