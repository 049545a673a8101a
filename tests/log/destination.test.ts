/** The queue before the log's file: bounded, whole lines, told losses. */
import { expect, test } from 'bun:test'
import { Buffer } from 'node:buffer'
import { logDestination } from '../../src/log/destination.ts'
import { eventually } from '../support/process.ts'

const refusal = (code: string) => Object.assign(new Error('refused'), { code })

/** A disk that takes what it is told to. */
function disk(options: { maxLines?: number; maxBytes?: number; gathering?: number } = {}) {
  const pieces: Uint8Array[] = []
  const text = () => Buffer.concat(pieces).toString()
  let fault: string | undefined
  let most = Number.POSITIVE_INFINITY
  let writes = 0
  const destination = logDestination({
    ...options,
    lostLine: (count) => `${count} lost\n`,
    async write(bytes) {
      writes++
      if (fault !== undefined) throw refusal(fault)
      const taken = bytes.subarray(0, most)
      pieces.push(taken.slice())
      return taken.length
    },
  })
  return {
    destination,
    text,
    writes: () => writes,
    fail: (code: string | undefined) => {
      fault = code
    },
    takeAtMost: (bytes: number) => {
      most = bytes
    },
  }
}

test('lines of one turn go out in one write, in order', async () => {
  const { destination, text, writes } = disk()
  for (const line of ['a\n', 'b\n', 'c\n']) destination.write(line)
  await destination.flush(1000)
  expect([text(), writes()]).toEqual(['a\nb\nc\n', 1])
})

test('lines that follow a write gather for the next, until they fill it or somebody waits', async () => {
  const { destination, text, writes } = disk({ gathering: 600_000 })
  destination.write('first\n')
  const written = (count: number) =>
    eventually(
      async () => writes(),
      (now) => now === count,
    )
  await written(1)
  const long = `${'x'.repeat(40_000)}\n`
  destination.write(long)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(writes()).toBe(1)
  destination.write(long)
  await written(2)
  destination.write('last\n')
  await destination.flush(60_000)
  expect([text(), writes()]).toEqual([`first\n${long}${long}last\n`, 3])
})

test('a line that is taken in pieces arrives whole', async () => {
  const { destination, text, takeAtMost } = disk()
  takeAtMost(3)
  destination.write('grüße an alle\n')
  await destination.flush(1000)
  expect(text()).toBe('grüße an alle\n')
})

for (const code of ['EAGAIN', 'ENOSPC', 'EIO'])
  test(`after ${code} lines that found room are written, and the others are told of`, async () => {
    const { destination, text, fail } = disk({ maxLines: 3 })
    fail(code)
    for (let line = 0; line < 10; line++) destination.write(`${line}\n`)
    await destination.flush(50)
    expect([text(), destination.lost()]).toEqual(['', 7])
    fail(undefined)
    await destination.flush(2000)
    expect(text()).toBe('0\n1\n2\n7 lost\n')
  })

test('after EPIPE nothing is kept, and the count goes on', async () => {
  const { destination, fail } = disk()
  fail('EPIPE')
  for (let line = 0; line < 10; line++) destination.write(`${line}\n`)
  await destination.flush(1000)
  destination.write('more\n')
  await destination.flush(1000)
  expect(destination.lost()).toBe(11)
})

test('no more than maxBytes wait', async () => {
  const { destination, fail } = disk({ maxBytes: 100 })
  fail('ENOSPC')
  for (let line = 0; line < 10; line++) destination.write('123456789012345678\n')
  expect(destination.lost()).toBe(5)
  fail(undefined)
  await destination.flush(2000)
})
