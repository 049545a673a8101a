/** The table of who may do what: every route × everybody who may ask. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { accessPage, keptPage } from '../../docs/access.ts'
import { apiPage, keptApiPage } from '../../docs/api.ts'
import { grantable, type Scope, scopes } from '../../src/auth/index.ts'
import { clientOf } from '../support/client.ts'
import type { Caly } from '../support/process.ts'
import {
  keyHolder,
  newKey,
  newTenant,
  nobodies,
  type Person,
  platformTenant,
  startStrict,
  type Tenant,
} from './cast.ts'
import { type Rule, requestOf, rules } from './matrix.ts'

setDefaultTimeout(120_000)

let caly: Caly
let platform: Tenant
let tenant: Tenant
const everybody: Person[] = []
/** Keys of the platform's with all scopes but one. */
const without = new Map<Scope, Person>()

beforeAll(async () => {
  const started = await startStrict()
  caly = started.caly
  platform = await platformTenant(caly)
  tenant = await newTenant(caly, 'tenant')
  everybody.push(...(await nobodies(caly, started.encryptionKey, platform.users.admin)))
  for (const { users, keys } of [platform, tenant]) everybody.push(...Object.values(users), ...keys)
  for (const scope of scopes) {
    const others = scopes.filter((other) => other !== scope)
    const { key } = await newKey(platform.users.admin, others)
    without.set(scope, keyHolder(caly, `a key with everything but ${scope}`, key, others))
  }
})
afterAll(() => caly.stop())

const published = async () => {
  const { body } = await clientOf(caly)('GET', '/docs/json')
  return Object.entries<Record<string, Record<string, unknown>>>(body.paths).flatMap(
    ([path, operations]) =>
      Object.entries(operations).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
      ),
  )
}

test('the table names every route of the API, and no other', async () => {
  const routes: string[] = (await published()).map(([route]) => route)
  expect(routes.toSorted()).toEqual(rules.map(({ route }) => route).toSorted())
})

test('the API reference says of every route which scope it needs', async () => {
  const said = new Map<string, Record<string, unknown>>(await published())
  for (const { route, demands } of rules) {
    const { 'x-scope': scope, 'x-principal': principal, security } = said.get(route) ?? {}
    const known = scopes.some((one) => one === demands)
    expect([route, scope]).toEqual([route, known ? demands : undefined])
    expect([route, principal]).toEqual([route, demands === 'a user' ? 'user' : undefined])
    const open = JSON.stringify(security ?? [{}]).includes('{}')
    expect([route, open]).toEqual([route, demands === 'nothing'])
  }
})

test('docs/access.md is the table that the service goes by', async () => {
  const { body } = await clientOf(caly)('GET', '/docs/json')
  // Out of date? bun run docs:access
  expect(await keptPage()).toBe(accessPage(body))
})

test('docs/api.md is the document that the service serves', async () => {
  const { body } = await clientOf(caly)('GET', '/docs/json')
  // Out of date? bun run docs:api
  expect(await keptApiPage()).toBe(apiPage(body))
})

/** What somebody is answered: what the rule says to those whom it lets in. */
function expected({ demands, status }: Rule, { type, scopes: has }: Person): number {
  if (demands === 'nothing') return status
  if (has === undefined) return 401
  if (demands === 'a principal') return status
  if (demands === 'a user') return type === 'user' ? status : 403
  return has.includes(demands) ? status : 403
}

for (const rule of rules)
  test(`${rule.route} lets in whoever has ${rule.demands}, and nobody else`, async () => {
    const { method, path, body } = requestOf(rule)
    const least = without.get(rule.demands as Scope)
    const answers: Record<string, number> = {}
    const wanted: Record<string, number> = {}
    for (const person of [...everybody, ...(least ? [least] : [])]) {
      answers[person.name] = (await person.ask(method, path, body)).status
      wanted[person.name] = expected(rule, person)
    }
    expect(answers).toEqual(wanted)
  })

test('POST /api/auth/logout without a token in the body is for users who are logged in', async () => {
  const answers = await Promise.all(
    [...everybody.filter(({ type }) => type !== 'user')].map(async ({ ask, type }) => [
      type,
      (await ask('POST', '/api/auth/logout', {})).status,
    ]),
  )
  for (const [type, status] of answers) expect(status).toBe(type === 'api_key' ? 403 : 401)
})

test('nobody makes a key with a scope that they have not, nor a user of a role above theirs', async () => {
  const own = grantable(false)
  for (const scope of scopes.filter((one) => !own.includes(one))) {
    const { status } = await tenant.users.admin.ask('POST', '/api/keys', {
      name: 'too much',
      scopes: ['calls:read', scope],
    })
    expect([scope, status]).toEqual([scope, 403])
  }
  for (const scope of ['keys:write', 'users:write'] as const) {
    const { key } = await newKey(tenant.users.admin, [scope])
    const ask = clientOf(caly, key)
    const made =
      scope === 'keys:write'
        ? await ask('POST', '/api/keys', { name: 'more', scopes: ['keys:write', 'calls:read'] })
        : await ask('POST', '/api/users', {
            email: 'riser@tenant.example',
            name: 'Riser',
            role: 'admin',
            password: 'correct horse battery staple',
          })
    expect([scope, made.status]).toEqual([scope, 403])
  }
  const { key } = await newKey(tenant.users.admin, ['users:write'])
  const { id } = tenant.users.auditor
  const change = await clientOf(caly, key)('PATCH', `/api/users/${id}`, { role: 'admin' })
  expect(change.status).toBe(403)
})
