/** One question to Exotel, asked once, whose answer is looked at as it came. */
import { apiOrigin, authorization, type ExotelAccount } from '../account.ts'
import { readAnswer } from '../answer.ts'
import { ExotelError } from '../errors.ts'
import { HttpFailure, readText, send } from '../http.ts'

/** What became of a question. */
export type Asked =
  | { readonly json: unknown; readonly trouble?: never }
  /** Exotel's own code, or a word for what kept its answer away. */
  | { readonly json?: never; readonly trouble: string }

/** Bytes, and milliseconds for the body. */
const answerLimit = 1_048_576
const bodyTimeout = 20_000

/**
 * Asks without the patience of the service's own client: whoever waits for a verdict wants the first
 * one, and wrong credentials are not to be tried three times.
 *
 * @param path below `/v1/Accounts/<sid>/`
 */
export async function ask(
  account: ExotelAccount,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Asked> {
  const url = new URL(`/v1/Accounts/${encodeURIComponent(account.sid)}/${path}`, apiOrigin(account))
  url.search = new URLSearchParams(query).toString()
  const headers = { authorization: authorization(account), accept: 'application/json' }
  try {
    const answer = await send({ method: 'GET', url, headers, signal })
    const text = await readText(answer, { limit: answerLimit, timeout: bodyTimeout })
    return { json: readAnswer(answer.status, text) }
  } catch (error) {
    return { trouble: troubleOf(error) }
  }
}

function troubleOf(error: unknown): string {
  if (error instanceof ExotelError) {
    const { providerCode = 'unreachable' } = error
    // A success that holds no JSON.
    return /^2\d\d$/.test(providerCode) ? 'unreadable' : providerCode
  }
  if (!(error instanceof HttpFailure)) throw error
  const code = codeOf(error.cause)
  return error.kind === 'unreachable' && code !== undefined ? code : error.kind
}

/** `ENOTFOUND`, `ECONNREFUSED`, `CERT_HAS_EXPIRED`: the system's own word, which holds no address. */
function codeOf(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? code : undefined
}
