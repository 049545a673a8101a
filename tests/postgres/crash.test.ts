/** A call that was answered 202 is placed once, whatever dies: on PostgreSQL, twenty deaths. */
import { expect, test } from 'bun:test'
import { crash } from '../support/crash/index.ts'

test('twenty kill -9 at random moments lose no accepted call, and place none twice', async () => {
  const { broken, ...figures } = await crash({ kills: 20 })
  process.stdout.write(`${JSON.stringify(figures)}\n`)
  expect(broken).toEqual([])
  expect(figures.accepted).toBeGreaterThan(60)
  // Calls did die in between: without that, nothing was shown.
  expect(figures.survived).toBeGreaterThan(20)
}, 120_000)
