/** What the log says of answers that did not reach their last byte. */
import { expect, test } from 'bun:test'
import { createLog } from '../../src/log/index.ts'
import { observations } from '../../src/observations.ts'
import { type BodyEnd, disabledTelemetry } from '../../telemetry/index.ts'

async function linesOf(end: BodyEnd): Promise<Record<string, unknown>[]> {
  let text = ''
  const { logger, flush } = createLog({
    level: 'debug',
    format: 'json',
    async write(bytes) {
      text += new TextDecoder().decode(bytes)
      return bytes.length
    },
  })
  observations(logger, disabledTelemetry()).onStreamEnd(end)
  await flush(1000)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

test('A stream that was sent to its end leaves no line beside that of its request', async () => {
  expect(await linesOf({ outcome: 'sent', bytes: 10 })).toEqual([])
})

test('A stream that its client left leaves a warning', async () => {
  expect(await linesOf({ outcome: 'left', bytes: 10 })).toMatchObject([
    { level: 'warn', msg: 'answer left by its client', bytesOut: 10 },
  ])
})

test('A stream that broke off leaves an error, with what failed but no secret of it', async () => {
  const failure = new RangeError('token=s3cret-4711-abcdef of +919876543210')
  const lines = await linesOf({ outcome: 'failed', bytes: 10, failure })
  expect(lines).toMatchObject([
    { level: 'error', msg: 'answer broke off', bytesOut: 10, error: { type: 'RangeError' } },
  ])
  expect(JSON.stringify(lines)).not.toMatch(/s3cret|9876543210/)
})
