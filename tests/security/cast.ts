/** Clients, users and keys of a running service, made as its operators make them. */
import { randomBytes } from 'node:crypto'
import { createKeyring } from '../../db/keyring.ts'
import { grantable, type Role, roles, type Scope, scopesOf } from '../../src/auth/index.ts'
import { accessTokens } from '../../src/auth/sessions/access-token.ts'
import { type Client, clientOf } from '../support/client.ts'
import { runCommand } from '../support/command.ts'
import { type Caly, startCaly } from '../support/process.ts'
import { password } from './matrix.ts'

/** Somebody who asks. */
export interface Person {
  /** How a test names them. */
  readonly name: string
  /** What they show. */
  readonly token: string
  readonly ask: Client
  /** What they may do; undefined where they are nobody. */
  readonly scopes?: readonly Scope[]
  readonly type?: 'user' | 'api_key'
}

/** One client with an admin, an operator, an auditor and keys. */
export interface Tenant {
  readonly name: string
  readonly isPlatform: boolean
  readonly users: Readonly<Record<Role, Person & { readonly id: string; readonly email: string }>>
  /** A key for each scope that the client may have. */
  readonly keys: readonly Person[]
}

/** A service that trusts nobody for where they come from and limits nobody. */
export async function startStrict(env: Readonly<Record<string, string>> = {}) {
  const encryptionKey = randomBytes(32).toString('hex')
  const caly = await startCaly({
    env: {
      ENCRYPTION_KEY: encryptionKey,
      // Not on loopback alone: the operators' routes then know no developer.
      HOST: '0.0.0.0',
      RATE_LIMIT_GLOBAL: 'off',
      RATE_LIMIT_API: 'off',
      RATE_LIMIT_AUTH: 'off',
      ...env,
    },
  })
  return { caly, encryptionKey }
}

/** The client that the first start made. */
export async function platformTenant(caly: Caly): Promise<Tenant> {
  return fill(caly, 'platform', caly.admin.email, true)
}

/** Another client, made at the shell beside the running service. */
export async function newTenant(caly: Caly, name: string): Promise<Tenant> {
  const email = `admin@${name}.example`
  const client = (await runCommand(caly, ['clients', 'create', '--name', name])).word('Client')
  const created = await runCommand(
    caly,
    [
      'users',
      'create',
      '--client',
      client,
      '--email',
      email,
      '--role',
      'admin',
      '--password-stdin',
    ],
    { stdin: `${password}\n` },
  )
  created.word('User')
  return fill(caly, name, email, false)
}

/** Logs a user in. */
export async function logIn(caly: Caly, email: string, secret = password) {
  const { status, body } = await clientOf(caly)('POST', '/api/auth/login', {
    email,
    password: secret,
  })
  if (status !== 200) throw new Error(`The login was answered ${status}`)
  return body as { accessToken: string; refreshToken: string; user: { id: string } }
}

/** Makes a key with the rights of whoever makes it. */
export async function newKey(maker: Pick<Person, 'ask'>, scopes: readonly Scope[]) {
  const { status, body } = await maker.ask('POST', '/api/keys', { name: 'made by a test', scopes })
  if (status !== 201) throw new Error(`The key was answered ${status}`)
  return body as { id: string; key: string }
}

async function fill(caly: Caly, name: string, email: string, isPlatform: boolean): Promise<Tenant> {
  const admin = await person(caly, { tenant: name, role: 'admin', email, isPlatform })
  const users: Partial<Record<Role, Person & { id: string; email: string }>> = { admin }
  for (const role of roles.filter((other) => other !== 'admin')) {
    const own = `${role}@${name}.example`
    await admin.ask('POST', '/api/users', { email: own, name: role, role, password })
    users[role] = await person(caly, { tenant: name, role, email: own, isPlatform })
  }
  const keys: Person[] = []
  for (const scope of grantable(isPlatform)) {
    const { key } = await newKey(admin, [scope])
    keys.push(keyHolder(caly, `a key of ${name} with ${scope} alone`, key, [scope]))
  }
  return { name, isPlatform, users: users as Tenant['users'], keys }
}

async function person(
  caly: Caly,
  about: { tenant: string; role: Role; email: string; isPlatform: boolean },
) {
  const { tenant, role, email, isPlatform } = about
  const { accessToken, user } = await logIn(caly, email)
  return {
    name: `the ${role} of ${tenant}`,
    id: user.id,
    email,
    token: accessToken,
    ask: clientOf(caly, accessToken),
    scopes: scopesOf(role, isPlatform),
    type: 'user' as const,
  }
}

/** Somebody with an API key. */
export const keyHolder = (
  caly: Caly,
  name: string,
  key: string,
  scopes: readonly Scope[],
): Person => ({ name, token: key, ask: clientOf(caly, key), scopes, type: 'api_key' })

/** Nobody: strangers, and those whose credentials are worth nothing. */
export async function nobodies(caly: Caly, encryptionKey: string, user: Person & { id: string }) {
  const longAgo = Date.now() - 3_600_000
  const claims = claimsOf(user.token)
  const expired = await accessTokens({
    keyring: createKeyring([encryptionKey]),
    now: () => longAgo,
  }).issue(claims)
  const holder = (name: string, token: string): Person => ({
    name,
    token,
    ask: clientOf(caly, token),
  })
  return [
    { name: 'a stranger', token: '', ask: clientOf(caly) },
    holder('the admin with an expired token', expired),
    holder('a stranger with a garbage token', 'eyJhbGciOiJIUzI1NiJ9.e30.garbage'),
    holder('a stranger with a garbage key', `caly_live_${'0'.repeat(22)}_${'0'.repeat(49)}`),
  ] satisfies readonly Person[]
}

/** What an access token of ours says. */
export function claimsOf(token: string) {
  const { sub, cid, sid, epoch } = JSON.parse(
    Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
  )
  return { userId: sub, clientId: cid, sessionId: sid, epoch }
}
