import type { Caly } from './process.ts'
import { registerSecret, registerSecretsOf } from './secrets.ts'

/** An answer, read. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts the shape of what it gets
  readonly body: any
}

/** Asks a running Caly, as a client would. */
export type Client = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>

/** A client with the given credentials, or none. */
export function clientOf({ baseUrl }: Pick<Caly, 'baseUrl'>, token?: string): Client {
  registerSecret(token)
  return async (method, path, body, headers = {}) => {
    registerSecretsOf(body)
    const response = await fetch(new URL(path, baseUrl), {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const json = /[/+]json/.test(response.headers.get('content-type') ?? '') && text !== ''
    const answer: unknown = json ? JSON.parse(text) : text
    registerSecretsOf(answer)
    return { status: response.status, headers: response.headers, body: answer }
  }
}

/** A client that is logged in as the first admin. */
export async function adminOf(caly: Pick<Caly, 'baseUrl' | 'admin'>): Promise<Client> {
  const { body } = await clientOf(caly)('POST', '/api/auth/login', caly.admin)
  return clientOf(caly, body.accessToken)
}
