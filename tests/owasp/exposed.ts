/** A service as it stands on the Internet: behind a proxy, with limits, without what helps developers. */
import { randomBytes } from 'node:crypto'
import { password, type Rule, rules } from '../security/matrix.ts'
import { type Answer, type Client, clientOf } from '../support/client.ts'
import { isPostgres } from '../support/database.ts'
import { type Caly, startCaly } from '../support/process.ts'
import { type Canary, startCanary } from './canary.ts'

/** Somebody with an account. */
export interface Account {
  readonly email: string
  readonly id: string
  readonly token: string
  readonly refreshToken: string
  /** Where they logged in. */
  readonly address: string
}

/** The service, and two people who have an account. */
export interface Exposed {
  readonly caly: Caly
  /** Somebody on the Internet to whom nobody should connect. */
  readonly canary: Canary
  readonly admin: Account
  readonly ada: Account
  readonly bob: Account
  /** Routes that want credentials. */
  readonly guarded: readonly Rule[]
  /** Asks from an address, over HTTPS as the proxy says. @default a new address each time */
  from(address?: string, token?: string): Client
  newAddress(): string
  close(): Promise<void>
}

/** Requests that a person may send: few, so that tests can use them up. */
export const apiLimit = 60

/** Requests that come from one address. */
export const addressLimit = 400

const publicHost = 'caly.example'
/** The only origin whose pages may read answers. */
export const listedOrigin = 'https://app.example'

/** Starts it. On a real Postgres it runs as production; the embedded database is none. */
export async function openExposed(): Promise<Exposed> {
  const canary = await startCanary()
  const caly = await startCaly({
    env: {
      ...(isPostgres && { NODE_ENV: 'production' }),
      HOST: '0.0.0.0',
      PUBLIC_URL: `https://${publicHost}`,
      ALLOWED_HOSTS: `localhost,${publicHost}`,
      ENCRYPTION_KEY: randomBytes(32).toString('hex'),
      TRUSTED_PROXIES: '127.0.0.1,::1',
      DOCS: 'off',
      FORCE_HTTPS: 'on',
      CORS_ORIGINS: listedOrigin,
      CALY_PROVIDER: 'simulator',
      EXOTEL_WEBHOOK_SECRET: 'a-webhook-secret-of-the-owasp-suite',
      // What a busy machine refuses is not what is looked for.
      MAX_EVENT_LOOP_LAG: '60s',
      // Nothing of a quota comes back while a test runs, however slow the machine and a Redis on it.
      REDIS_URL: undefined,
      RATE_LIMIT_AUTH: '10/24h',
      RATE_LIMIT_GLOBAL: `${addressLimit}/24h`,
      RATE_LIMIT_API: `${apiLimit}/24h`,
    },
  })
  let addresses = 0
  const newAddress = () => {
    addresses += 1
    return `198.${18 + (addresses >> 16)}.${(addresses >> 8) & 255}.${addresses & 255}`
  }
  const from = (address = newAddress(), token?: string): Client => {
    const ask = clientOf(caly, token)
    return (method, path, body, headers = {}) =>
      ask(method, path, body, {
        ...{ 'x-forwarded-for': address, 'x-forwarded-proto': 'https' },
        ...headers,
      })
  }
  const account = async (email: string, id?: string): Promise<Account> => {
    const address = newAddress()
    const { body } = await from(address)('POST', '/api/auth/login', { email, password })
    const { accessToken: token, refreshToken, user } = body
    return { email, id: id ?? user.id, token, refreshToken, address }
  }
  const admin = await account(caly.admin.email)
  const newAccount = async (name: string) => {
    const email = `${name}@caly.example`
    const body = { email, name, role: 'operator', password }
    const made = await from(admin.address, admin.token)('POST', '/api/users', body)
    return await account(email, made.body.id)
  }
  return {
    ...{ caly, canary, admin, from, newAddress },
    ada: await newAccount('ada'),
    bob: await newAccount('bob'),
    guarded: rules.filter(({ demands }) => demands !== 'nothing'),
    async close() {
      await caly.stop()
      await canary.close()
    },
  }
}

/** An answer as others of its kind are: without what belongs to one request alone. */
export function shapeOf({ status, headers, body }: Answer) {
  const { requestId: _, ...rest } = Object(body)
  const named = [...headers.keys()].filter((name) => name !== 'date').toSorted()
  return { status, headers: named, length: headers.get('content-length'), body: rest }
}
