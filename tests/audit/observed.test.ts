/** Refused requests and attacks, as the hooks tell of them: how many rows one client can cause. */
import { expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { type AuditEntry, auditTrail, rowMacs } from '../../src/audit/index.ts'
import { ValidationError } from '../../src/errors.ts'
import { requestContext, setPrincipal } from '../../src/hooks/request-context/index.ts'
import { audited } from '../../src/observations/audit.ts'
import type { Observations } from '../../src/observations.ts'
import { trailClientId, trailKeyring } from '../support/audit/trail.ts'

const ignored: Observations = {
  onRequest() {},
  onSlowRequest() {},
  onProblem() {},
  onLateProblem() {},
  onVerdict() {},
  onOverloadRefusal() {},
  onOverload() {},
  onLimited() {},
  onFindings() {},
  onDetectionError() {},
  translate: () => undefined,
  describeRequest: () => ({}),
  onStreamEnd() {},
}

function fail(error: unknown): never {
  throw error
}

/** An app whose every request is an attack and not valid, and what of it stands in the trail. */
function open() {
  const recorded: AuditEntry[] = []
  const trail = auditTrail({
    now: Date.now,
    maker: { macs: rowMacs(trailKeyring), platformClientId: () => trailClientId },
    async recorder(entry) {
      recorded.push(entry)
    },
  })
  const observed = audited(ignored, { trail, onError: fail })
  const refuse = (field: string) => {
    const place = Number(field) % 2 === 0 ? 'path' : 'query'
    observed.onFindings([{ kind: 'path-traversal', place, score: 1 }], 'block')
    observed.onProblem(new ValidationError([{ path: field, message: 'is wrong', code: 'type' }]))
  }
  let peer = ''
  const app = new Elysia()
    .use(requestContext({ peerAddress: () => peer }))
    .onTransform(({ requestContext: context, headers }) => {
      const id = headers['x-principal']
      if (id !== undefined) setPrincipal(context, { type: 'api_key', id, clientId: trailClientId })
    })
    .get('/one/:field', ({ params }) => refuse(params.field))
    .post('/two/:field', ({ params }) => refuse(params.field))
  return {
    recorded,
    trail,
    async ask(address: string, method: string, path: string, principal?: string) {
      peer = address
      const headers = principal === undefined ? {} : { 'x-principal': principal }
      await app.handle(new Request(`http://localhost${path}`, { method, headers }))
    },
  }
}

const kinds = (entries: readonly AuditEntry[]) => entries.map(({ event }) => event).sort()

test('whatever routes and fields one address tries, each type has one row and a count', async () => {
  const { recorded, trail, ask } = open()
  for (let field = 0; field < 20; field += 1) {
    await ask('2001:db8:1:200::1', 'GET', `/one/${field}`)
    // Of the same /56.
    await ask('2001:db8:1:2ff::2', 'POST', `/two/${field}`)
  }
  expect(kinds(recorded)).toEqual(['SECURITY_VIOLATION', 'VALIDATION_FAILED'])
  await trail.close()
  expect(recorded.slice(2).map(({ summary }) => summary?.suppressed)).toEqual([39, 39])
})

test('another address and a known key have their own', async () => {
  const { recorded, ask } = open()
  await ask('198.51.100.7', 'GET', '/one/1')
  await ask('198.51.100.8', 'GET', '/one/1')
  await ask('198.51.100.8', 'GET', '/one/1', 'a key')
  await ask('198.51.100.9', 'POST', '/two/2', 'a key')
  const names = recorded.map(({ event, origin }) => `${event} ${origin.actorId ?? origin.ip}`)
  expect(names.sort()).toEqual([
    'SECURITY_VIOLATION 198.51.100.7',
    'SECURITY_VIOLATION 198.51.100.8',
    'SECURITY_VIOLATION a key',
    'VALIDATION_FAILED 198.51.100.7',
    'VALIDATION_FAILED 198.51.100.8',
    'VALIDATION_FAILED a key',
  ])
})

test('the row of a count says all that was found, whatever came last', async () => {
  const { recorded, trail } = open()
  const observed = audited(ignored, { trail, onError: fail })
  for (const kind of ['oversized', 'sql-injection', 'cross-site-scripting', 'oversized'] as const)
    observed.onFindings(
      [{ kind, place: 'body', score: 1 }],
      kind === 'sql-injection' ? 'block' : 'refused',
    )
  await trail.close()
  expect(recorded.map(({ details }) => details)).toEqual([
    { findings: ['oversized in body'], blocked: false },
    {
      findings: ['sql-injection in body', 'cross-site-scripting in body', 'oversized in body'],
      blocked: true,
    },
  ])
})

test('a row names no User-Agent that an attack stood in', () => {
  const { recorded, trail } = open()
  const observed = audited(ignored, { trail, onError: fail })
  observed.onFindings(
    [{ kind: 'lookup-injection', place: 'header', score: 1, name: 'user-agent' }],
    'monitor',
  )
  expect(recorded.map(({ origin }) => origin.userAgent)).toEqual([undefined])
  return trail.close()
})
