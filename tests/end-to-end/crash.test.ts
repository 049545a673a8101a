/** A call that was answered 202 is placed once, whatever dies: on the embedded database, too. */
import { expect, test } from 'bun:test'
import { crash } from '../support/crash/index.ts'

test('a few kill -9 at random moments lose no accepted call, and place none twice', async () => {
  const { broken, ...figures } = await crash({ kills: 4 })
  process.stdout.write(`${JSON.stringify(figures)}\n`)
  expect(broken).toEqual([])
  expect(figures.accepted).toBeGreaterThan(0)
  expect(figures.survived).toBeGreaterThan(0)
}, 120_000)
