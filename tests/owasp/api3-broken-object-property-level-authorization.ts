/** API3:2023. What may be read of a thing, and what of it may be set: every property, of every route. */
import { describe, expect, test } from 'bun:test'
import { password } from '../security/matrix.ts'
import { type Target, words } from './surface.ts'
import type { Tenants } from './tenants.ts'

const inList = (names: readonly string[]) => [
  'items',
  'nextCursor',
  ...names.map((n) => `items[].${n}`),
]

const call = words(
  'id status direction from to providerCallId record customField notes tags createdAt startedAt answeredAt endedAt durationSeconds recordingAvailable failureReason',
)
const user = words('id email name role disabled createdAt lastLoginAt')
const key = words('id name prefix scopes createdAt expiresAt lastUsedAt')
const event = words(
  'id createdAt eventType severity outcome actorType actorId ip userAgent requestId traceId method path statusCode resourceType resourceId details',
)

/** Written by hand: all that a client's people may ever read of what they have. */
const readable: Readonly<Record<string, readonly string[]>> = {
  '/api': words('name version docs'),
  '/api/auth/me': [...user, ...key],
  '/api/users': inList(user),
  '/api/keys': inList(key),
  '/api/calls': inList(call),
  '/api/calls/{id}': [
    ...call,
    ...words('events events[].id events[].status events[].source events[].at'),
  ],
  '/api/calls/stats': words(
    'from to total answerRate averageDurationSeconds p95DurationSeconds byDay byDay[].day byDay[].total byDay[].completed byStatus byStatus.queued byStatus.ringing byStatus.in-progress byStatus.completed byStatus.busy byStatus.no-answer byStatus.failed byStatus.canceled byDirection byDirection.outbound byDirection.inbound',
  ),
  '/api/audit': inList(event),
  '/api/audit/verify': words(
    'intact checkedAt platform head head.position head.hash head.keyId head.createdAt keys keys[].keyId keys[].publicKey',
  ),
}

/** Names that columns, tokens or other services have, and no body of ours. */
const hidden = words(
  'clientId client_id tenantId tenant organizationId ownerId userId user_id createdBy created_by maker isPlatform is_platform isAdmin is_admin admin superuser roles permissions grants scope passwordHash password_hash hash secret token epoch sessionId verified emailVerified locked lockedUntil revokedAt revoked_at deletedAt erasedAt updatedAt recordingUrl recording_url callbackUrl webhookUrl callerId price cost maxCalls rateLimit quota sealed _id $set $where constructor prototype',
)

/** The paths of all properties of a value; items of a list count as one. */
function pathsIn(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsIn(item, `${at}[]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = at === '' ? name : `${at}.${name}`
    // What an event tells is a set of fields of its own, and looked through for secrets below.
    return [path, ...(name === 'details' ? [] : pathsIn(inner, path))]
  })
}

/** What an attacker would like a property to be. */
const wished: Readonly<Record<string, unknown>> = {
  ...{ role: 'admin', scopes: ['users:write', 'keys:write'], status: 'completed', disabled: false },
  ...{ durationSeconds: 1, createdAt: '2000-01-01T00:00:00.000Z', email: 'thief@attacker.example' },
}

/** Registers its attempts. */
export function propertyLevelAuthorization(stage: Tenants): void {
  const { api, ids, platform, secrets, victim } = stage
  const { admin, operator, auditor } = victim.users
  const writable = api.targets.filter(({ fields }) => fields !== undefined)
  const bodies: Readonly<Record<string, object>> = {
    logIn: { email: operator.email, password },
    changePassword: { currentPassword: password, newPassword: 'a better horse, a new battery' },
    createUser: { email: 'new@victim.example', name: 'New', role: 'auditor', password },
    updateUser: { name: 'operator' },
    createKey: { name: 'new', scopes: ['calls:read'] },
    updateCall: { notes: stage.mark },
  }
  const idOf = ({ path }: Target) => (path.includes('/users/') ? operator.id : ids['call']) ?? ''
  const send = (target: Target, body: unknown, query = '', headers = {}) =>
    (target.path === '/api/scans' ? platform.users.admin : admin).ask(
      target.method,
      `${target.path.replace('{id}', idOf(target))}${query}`,
      body,
      headers,
    )
  const bodyOf = ({ id, example }: Target) => bodies[id] ?? example ?? {}

  describe('API3:2023 Broken Object Property Level Authorization', () => {
    const before = stage.snapshot()

    for (const [path, properties] of Object.entries(readable))
      test(`GET ${path} tells nobody of the client anything but what is meant for them`, async () => {
        for (const { ask } of [admin, operator, auditor, ...victim.keys]) {
          const { status, body } = await ask('GET', path.replace('{id}', ids['call'] ?? ''))
          if (status === 403) continue
          expect(status).toBe(200)
          const told = new Set(pathsIn(body))
          expect([...told].filter((one) => !properties.includes(one))).toEqual([])
        }
      })

    test('every other route that tells of something is known to this list', () => {
      const others = /^\/(health|metrics|api\/(scans|vulnerabilities|webhooks)|api\/audit\/export)/
      const reading = api.targets
        .filter(({ method, path }) => method === 'GET' && !others.test(path))
        .map(({ path }) => path)
      expect(reading.toSorted()).toEqual(
        [...Object.keys(readable), '/api/calls/{id}/recording'].toSorted(),
      )
    })

    test('no answer to anybody holds a password, its hash, a key, a secret of the service or where a recording lies', async () => {
      const everything = api.targets.filter(
        ({ method, path }) => method === 'GET' && !/secret/.test(path),
      )
      for (const by of [admin, operator, auditor, platform.users.admin])
        for (const { path } of everything) {
          const query = /audit$/.test(path) ? '?limit=100' : ''
          const { body } = await by.ask('GET', `${path.replace('{id}', ids['call'] ?? '')}${query}`)
          const text = JSON.stringify(body)
          for (const secret of secrets) expect([path, text.includes(secret)]).toEqual([path, false])
          expect([path, /recording_?url|password_?hash|key_?hash|"sealed/i.test(text)]).toEqual([
            path,
            false,
          ])
        }
    })

    for (const target of writable)
      test(`${target.route} takes no property that is not its own, of any name, and changes nothing`, async () => {
        const names = [...api.properties, ...hidden].filter(
          (name) => !(name in (target.fields ?? {})),
        )
        for (const name of new Set(names)) {
          const { status } = await send(target, {
            ...bodyOf(target),
            [name]: wished[name] ?? true,
          })
          expect([name, status]).toEqual([name, 422])
        }
      })

    test('a property is not taken by a detour either: in other letters, twice, in a list, as a patch, a form or a prototype', async () => {
      const update = api.targets.find(({ id }) => id === 'updateUser')
      const target = update as Target
      const name = { name: 'operator' }
      const json = (text: string, type = 'application/json') => [text, type] as const
      const detours = [
        ...[
          'Role',
          'ROLE',
          'role ',
          ' role',
          'user.role',
          'user[role]',
          'ro\\u006ce2',
          'r\\u043ele',
        ].map((field) => json(`{"name":"operator","${field}":"admin"}`)),
        json('{"name":"operator","role":"operator","role":"admin"}'),
        json('{"name":"operator","role":"operator","r\\u006fle":"admin"}'),
        json('{"name":"operator","__proto__":{"role":"admin"}}'),
        json('{"name":"operator","constructor":{"prototype":{"role":"admin"}}}'),
        json('{"name":"operator","user":{"role":"admin"}}'),
        json('{"name":"operator","role":["operator","admin"]}'),
        json('{"name":"operator","role":{"$ne":"operator"}}'),
        json('[{"name":"operator","role":"admin"}]'),
        json('[{"op":"replace","path":"/role","value":"admin"}]', 'application/json-patch+json'),
        json('name=operator&role=admin', 'application/x-www-form-urlencoded'),
        json('<user><role>admin</role></user>', 'application/xml'),
        json('role: admin', 'application/yaml'),
      ]
      for (const [text, type] of detours) {
        const { status } = await send(target, text, '', { 'content-type': type })
        expect([text, [400, 415, 422].includes(status)]).toEqual([text, true])
      }
      const query = '?role=admin&disabled=true&clientId=x&user[role]=admin'
      expect([200, 422]).toContain((await send(target, name, query)).status)
    })

    test('after all of it everything is as it was', async () => {
      expect(await stage.snapshot()).toEqual(await before)
    })
  })
}
