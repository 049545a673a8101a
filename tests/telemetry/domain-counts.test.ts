/** What is made of the domain's events and changes, before it is a metric. */
import { describe, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CallChanged, callTimes } from '../../src/calls/index.ts'
import { eventCounter } from '../../src/observations.ts'
import { firstExpiry } from '../../src/service/certificate.ts'
import { sample, telemetryWith } from './support.ts'

describe('callTimes()', () => {
  const at = (seconds: number) => new Date(1_790_000_000_000 + seconds * 1000)
  const nothing = {
    ...{ startedAt: null, answeredAt: null, endedAt: null, durationSeconds: null },
    ...{ recordingAvailable: false, failureReason: null },
  }
  const change = (
    before: Partial<CallChanged['before']>,
    after: Partial<CallChanged['after']>,
  ): CallChanged => ({
    createdAt: at(0),
    at: at(100),
    before: { ...nothing, status: 'in-progress', ...before },
    after: { ...nothing, status: 'in-progress', ...after },
  })

  test('tells nothing of a call that goes on', () => {
    expect(callTimes(change({ status: 'queued' }, { status: 'ringing' }))).toEqual({})
  })

  test("counts to the end in the provider's words, else to when it was heard of", () => {
    const over = { status: 'busy' } as const
    expect(callTimes(change({}, { ...over, endedAt: at(42) })).ended).toEqual({
      ...over,
      seconds: 42,
    })
    expect(callTimes(change({}, over)).ended).toEqual({ ...over, seconds: 100 })
  })

  test('counts a call that came in from when it began, and none below zero', () => {
    const over = { status: 'completed' } as const
    const came = change({}, { ...over, startedAt: at(-30), endedAt: at(10) })
    expect(callTimes(came).ended?.seconds).toBe(40)
    // Whole seconds: its end may seem to lie before its beginning.
    expect(callTimes(change({}, { ...over, endedAt: at(-1) })).ended?.seconds).toBe(0)
  })

  test('counts an end once, whatever the record corrects', () => {
    const corrected = change({ status: 'failed' }, { status: 'completed', durationSeconds: 7 })
    expect(callTimes(corrected)).toEqual({ talk: 7 })
  })

  test('counts the talk of a completed call once, when it is known', () => {
    const over = { status: 'completed' } as const
    expect(callTimes(change({}, over)).talk).toBeUndefined()
    expect(callTimes(change(over, { ...over, durationSeconds: 5 }))).toEqual({ talk: 5 })
    expect(
      callTimes(change({ ...over, durationSeconds: 5 }, { ...over, durationSeconds: 6 })),
    ).toEqual({})
    const unanswered = { status: 'no-answer', durationSeconds: 0 } as const
    expect(callTimes(change({}, unanswered)).talk).toBeUndefined()
  })
})

test('an event that stands for others like it counts as many as they are', async () => {
  const telemetry = await telemetryWith()
  const count = eventCounter(telemetry)
  const rejected = {
    event: 'WEBHOOK_REJECTED',
    origin: { actorType: 'anonymous' },
    details: { provider: 'simulator', reason: 'unknown_secret' },
  } as const
  count(rejected)
  const [from, to] = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:01:00.000Z']
  count({ ...rejected, summary: { suppressed: 39, from, to } })
  const { body } = await telemetry.exposition()
  const outcome = { caly_webhook_outcome: 'rejected' }
  expect(sample(body, 'caly_webhook_events_total', outcome)).toBe(40)
  await telemetry.shutdown(100)
})

test('of a chain the certificate that expires first counts, and what is none does not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'caly-chain-'))
  const made = (days: number): string => {
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-days', String(days)]
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    execFileSync('openssl', ['req', '-x509', ...key, ...files, ...subject], { stdio: 'ignore' })
    return readFileSync(join(folder, 'cert.pem'), 'utf8')
  }
  try {
    const day = 86_400_000
    const days = ((firstExpiry(made(30) + made(3)) ?? 0) - Date.now()) / day
    expect(days).toBeGreaterThan(2.9)
    expect(days).toBeLessThan(3.1)
    expect(firstExpiry('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).toBe(
      undefined,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
