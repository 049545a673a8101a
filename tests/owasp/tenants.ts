/** A service with a victim that has one of everything, and with everybody who may try to get at it. */
import { randomBytes } from 'node:crypto'
import {
  newKey,
  newTenant,
  type Person,
  platformTenant,
  startStrict,
  type Tenant,
} from '../security/cast.ts'
import { password } from '../security/matrix.ts'
import { type Client, clientOf } from '../support/client.ts'
import { type Caly, eventually } from '../support/process.ts'
import { type Surface, surfaceOf } from './surface.ts'

/** Somebody who is logged in, or shows a key. */
export type Somebody = Pick<Person, 'name' | 'ask'>

/** The service, and who is on it. */
export interface Tenants {
  readonly caly: Caly
  readonly api: Surface
  readonly platform: Tenant
  readonly victim: Tenant
  readonly attacker: Tenant
  /** A word that stands in everything that is the victim's. */
  readonly mark: string
  /** What the victim has, by kind. */
  readonly ids: Readonly<Record<string, string>>
  /** A call of the attacker's own. */
  readonly ownCall: string
  /** Everybody who is not of the victim's client; the first three have every right that can be had. */
  readonly others: readonly Somebody[]
  /** What must not stand in any answer. */
  readonly secrets: readonly string[]
  /** All that the victim has, as its admin sees it. */
  snapshot(): Promise<unknown>
  close(): Promise<void>
}

const newCall = { from: '+912233445566', to: '+919876500042' }
const webhookSecret = 'a-webhook-secret-of-the-owasp-suite'

/** Starts it, with limits off: no test here is about them. */
export async function openTenants(): Promise<Tenants> {
  const env = {
    ...{ SIMULATOR_STEP: '20', EXOTEL_WEBHOOK_SECRET: webhookSecret },
    // What a busy machine refuses is not what is looked for.
    MAX_EVENT_LOOP_LAG: '60s',
  }
  const { caly, encryptionKey } = await startStrict({ CALY_PROVIDER: 'simulator', ...env })
  const platform = await platformTenant(caly)
  const victim = await newTenant(caly, 'victim')
  const attacker = await newTenant(caly, 'attacker')
  const mark = `mark-${randomBytes(8).toString('hex')}`
  const { ask } = victim.users.admin

  const call = await recordedCall(ask, mark)
  const { body: key } = await ask('POST', '/api/keys', { name: mark, scopes: ['calls:read'] })
  const { body: user } = await ask('POST', '/api/users', {
    ...{ email: `${mark}@victim.example`, name: mark, role: 'operator', password },
  })
  const { body: trail } = await ask('GET', '/api/audit?limit=1')
  const { sid: session, cid: client } = claimsIn(victim.users.admin.token)
  const ids = {
    ...{ call: call.id, event: call.events[0].id, provider: call.providerCallId },
    ...{ key: key.id, user: user.id, audit: trail.items[0].id, session, client },
  }
  const all = attacker.keys.flatMap(({ scopes = [] }) => scopes)
  const { key: strong } = await newKey(attacker.users.admin, all)
  const { body: own } = await attacker.users.admin.ask('POST', '/api/calls', newCall)

  return {
    ...{ caly, api: await surfaceOf(caly), platform, victim, attacker, mark, ids },
    ownCall: own.id,
    others: [
      attacker.users.admin,
      platform.users.admin,
      { name: 'a key of attacker with every scope', ask: clientOf(caly, strong) },
      ...[attacker, platform].flatMap(({ users }) => [users.operator, users.auditor]),
    ],
    secrets: [
      ...victim.keys.map(({ token }) => token.slice(token.lastIndexOf('_'))),
      ...[key.key, encryptionKey, webhookSecret, password, '$argon2'],
    ],
    snapshot: async () =>
      await Promise.all(
        [
          ...['/api/calls?limit=100', `/api/calls/${call.id}`, `/api/calls/${call.id}/recording`],
          ...['/api/users?limit=100', '/api/keys?limit=100'],
        ].map(async (path) => withoutUse((await ask('GET', path)).body)),
      ),
    close: async () => void (await caly.stop()),
  }
}

/** A key may be used meanwhile. */
const withoutUse = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (name, inner) => (name === 'lastUsedAt' ? null : inner))

async function recordedCall(ask: Client, mark: string) {
  const { body: made } = await ask('POST', '/api/calls', {
    ...{ ...newCall, record: true, customField: mark },
  })
  await eventually(
    () => ask('GET', `/api/calls/${made.id}`),
    ({ body }) => body.recordingAvailable,
  )
  await ask('PATCH', `/api/calls/${made.id}`, { notes: mark, tags: [mark] })
  return (await ask('GET', `/api/calls/${made.id}`)).body
}

/** What stands in an access token, which anybody can read. */
export const claimsIn = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
