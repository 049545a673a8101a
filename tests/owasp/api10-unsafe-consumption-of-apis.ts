/** API10:2023. The provider and the registry say whatever harms, where they are believed. */
import { describe, expect, test } from 'bun:test'
import type { Answer } from '../support/client.ts'
import { eventually } from '../support/process.ts'
import type { Fault } from '../support/registry/index.ts'
import { connectAnswers, deep, filledWith, hostileValues, mark } from './hostile-words.ts'
import { words } from './surface.ts'
import type { Upstream } from './upstream.ts'

const statuses = words('queued ringing in-progress completed busy no-answer failed canceled')

/** Whether a call is told in the words of our own reference, and in no other. */
function expectPlain({ status, body }: Answer): void {
  expect(status).toBe(200)
  expect(JSON.stringify(body)).not.toContain(mark)
  expect(statuses).toContain(body.status)
  if (body.providerCallId !== null) expect(body.providerCallId).toMatch(/^[A-Za-z0-9]{1,64}$/)
  if (body.failureReason !== null) expect(body.failureReason).toMatch(/^[a-z0-9_]{1,40}$/)
  expect([body.from, body.to]).toEqual(['+919876543210', '+919812345678'])
  const { durationSeconds: talk } = body
  expect(talk === null || (Number.isSafeInteger(talk) && talk >= 0 && talk <= 86_400)).toBe(true)
  for (const name of ['startedAt', 'answeredAt', 'endedAt'] as const)
    if (body[name] !== null) expect(body[name]).toMatch(/^20\d\d-/)
}

/** Registers its attempts. */
export function unsafeConsumption(stage: Upstream): void {
  const { admin, caly, canary, exotel, registry, records } = stage
  const read = (id: string) => admin('GET', `/api/calls/${id}`)
  const untold = () => {
    expect(caly.output()).not.toContain(mark)
    expect(canary.hits()).toBe(0)
  }

  async function scan() {
    const { body: started } = await admin('POST', '/api/scans')
    const ask = () => admin('GET', `/api/scans/${started.id}`)
    return (await eventually(ask, ({ body }) => body.status !== 'running', 60_000)).body
  }

  describe('API10:2023 Unsafe Consumption of APIs', () => {
    for (const [what, answer] of Object.entries(connectAnswers(canary.port)))
      test(`an order that the provider answers with ${what} is sent to nobody else, and not again`, async () => {
        const good = exotel.answers.connect
        exotel.answers.connect = () => answer
        const { id } = await stage.place()
        exotel.answers.connect = good
        // The next one is placed: one answer harms no other call.
        const next = await stage.place()
        await eventually(
          () => read(next.id),
          ({ body }) => body.providerCallId !== null,
        )
        expect(exotel.orders.filter(({ CustomField }) => CustomField === id)).toHaveLength(1)
        expectPlain(await read(id))
        untold()
      })

    test('a callback whose fields all hold the same harm changes no call into what it is not', async () => {
      const { id, order } = await stage.place()
      const { body: placed } = await eventually(
        () => read(id),
        ({ body }) => body.providerCallId !== null,
      )
      const CallSid = placed.providerCallId
      for (const value of hostileValues) {
        expect(await stage.callBack(order, { ...filledWith(value), CallSid })).toBe(200)
        expect(await stage.callBack(order, { CallSid: value, Status: 'completed' })).toBe(200)
        const form = new URLSearchParams({ CallSid, ...filledWith(String(value)) }).toString()
        const type = { 'content-type': 'application/x-www-form-urlencoded' }
        expect(await stage.callBack(order, form, type)).toBe(200)
        expectPlain(await read(id))
      }
      expect(await stage.callBack(order, deep)).toBe(200)
      const end = { CallSid, EventType: 'terminal', Status: 'busy', EndTime: null }
      expect(await stage.callBack(order, end)).toBe(200)
      expectPlain(await read(id))
      untold()
    })

    test('a record of a call whose fields all hold the same harm is kept in our own words', async () => {
      const asked = new Map<string, unknown>()
      exotel.answers.details = (sid) => {
        const value = asked.get(sid) ?? hostileValues[asked.size % hostileValues.length]
        asked.set(sid, value)
        return { body: exotel.call(sid, filledWith(value)) }
      }
      const calls = await Promise.all(hostileValues.map(() => stage.place()))
      // Silent for half a second, each is asked about.
      await eventually(
        async () => asked.size,
        (size) => size >= hostileValues.length,
        60_000,
      )
      for (const { id } of calls) expectPlain(await read(id))
      untold()
    })

    test('a recording brings its sound and its length along, and no header, type or cookie of its host', async () => {
      const id = await stage.recorded((sid) => ({ RecordingUrl: exotel.recordingUrl(sid) }))
      const brought = {
        ...{ 'content-type': 'text/html', 'set-cookie': `a=${mark}`, 'x-injected': mark },
        ...{
          'access-control-allow-origin': '*',
          'content-security-policy': 'default-src *',
          refresh: '0',
        },
        ...{ 'content-disposition': `inline; filename=${mark}`, link: `<${mark}>`, server: mark },
      }
      for (const type of words(
        'text/html image/svg+xml text/javascript application/xhtml+xml multipart/mixed',
      )) {
        exotel.answers.recording = () => ({
          headers: { ...brought, 'content-type': type },
          body: '<script>',
        })
        const { status, headers } = await admin('GET', `/api/calls/${id}/recording`)
        expect([type, status, headers.get('content-type')]).toEqual([
          type,
          200,
          'application/octet-stream',
        ])
        expect(headers.get('x-content-type-options')).toBe('nosniff')
        expect(headers.get('content-security-policy')).toContain("default-src 'none'")
        expect(JSON.stringify([...headers])).not.toContain(mark)
        for (const name of ['set-cookie', 'access-control-allow-origin', 'refresh', 'link'])
          expect(headers.has(name)).toBe(false)
      }
    })

    test('an advisory full of harm is listed as text, with an address that a browser may open, and rated by our own words', async () => {
      const harm = [
        ...hostileValues.filter((value) => typeof value === 'string'),
        `javascript:alert('${mark}')`,
      ]
      records.push(
        ...harm.map((value, index) => ({
          id: `GHSA-2222-3333-444${(index % 6) + 4}`,
          ...{ modified: '2026-01-01T00:00:00Z', summary: value, details: value, aliases: [value] },
          affected: [
            {
              package: { ecosystem: 'npm', name: 'jose' },
              ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '99.0.0' }] }],
            },
          ],
          ...{
            references: [{ type: 'WEB', url: value }],
            database_specific: { severity: 'CRITICAL' },
          },
        })),
      )
      expect((await scan()).status).toBe('complete')
      const { body } = await admin('GET', '/api/vulnerabilities?limit=100')
      expect(body.items.length).toBeGreaterThan(0)
      for (const { url, severity, package: name, title } of body.items) {
        expect(url === null || /^https:\/\//.test(url)).toBe(true)
        expect([name, severity]).toEqual(['jose', 'critical'])
        expect(title.length).toBeLessThan(1000)
      }
      expect(caly.output()).not.toContain(mark)
    })

    const faults: readonly Fault[] = [
      { kind: 'redirect', to: `http://127.0.0.1:${canary.port}/`, status: 307 },
      ...(['html', 'array', 'error', 'empty'] as const).map((kind) => ({ kind })),
    ]
    for (const fault of faults)
      test(`a registry that answers with “${fault.kind}” makes no scan say that all is well, and leads nowhere`, async () => {
        const known = (await admin('GET', '/api/vulnerabilities?limit=100')).body.items.length
        registry.break(fault)
        const { status, fixed, error } = await scan()
        registry.mend()
        expect([status, fixed]).toEqual(['incomplete', 0])
        expect(error).toBeString()
        expect((await admin('GET', '/api/vulnerabilities?limit=100')).body.items).toHaveLength(
          known,
        )
        expect(canary.hits()).toBe(0)
      })
  })
}
