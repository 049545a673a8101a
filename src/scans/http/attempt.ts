import { version } from '../../version.ts'
import { jsonBody } from './body.ts'
import type { Failure } from './failure.ts'
import type { HttpOptions, JsonRequest } from './options.ts'
import { retryAfterOf } from './pauses.ts'
import { reasonOf } from './reasons.ts'
import type { Target } from './target.ts'

type Outcome = { readonly ok: true; readonly value: unknown } | Failure

const mebibyte = 1_048_576
const mostRedirects = 3
/** Too early, too often, and every trouble of a server or of what stands before it. */
const passingStatuses = new Set([408, 425, 429, 500, 502, 503, 504])

/** Sends a request once and reads the answer, within the time of one attempt. */
export async function attempt(
  to: Target,
  request: JsonRequest,
  { fetch = globalThis.fetch, timeout = 15_000 }: HttpOptions,
  signal: AbortSignal,
): Promise<Outcome> {
  const stop = new AbortController()
  const abort = () => stop.abort()
  let late = false
  const timer = setTimeout(() => {
    late = true
    abort()
  }, timeout)
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  try {
    return await answered(await follow(to, initOf(to, request, stop.signal), fetch), request)
  } catch (error) {
    const why = late ? `did not answer within ${timeout / 1000} s` : reasonOf(error)
    return failure(why, { passing: true })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}

function initOf(to: Target, request: JsonRequest, signal: AbortSignal): RequestInit {
  const { body, accept = 'application/json' } = request
  const headers = new Headers({ accept, 'user-agent': `caly/${version}` })
  if (to.authorization !== undefined) headers.set('authorization', to.authorization)
  if (body !== undefined) headers.set('content-type', 'application/json')
  return {
    // Redirects are followed here or not at all: fetch would follow them to any host.
    redirect: 'manual',
    headers,
    signal,
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  }
}

/** Follows redirects within the host; the answer is the redirect itself where it leads elsewhere. */
async function follow(
  to: Target,
  init: RequestInit,
  fetch: NonNullable<HttpOptions['fetch']>,
): Promise<Response> {
  let url = to.url
  for (let hop = 0; ; hop++) {
    const response = await fetch(url, init)
    const next = nextOf(response, url, init)
    if (next === undefined || hop >= mostRedirects) return response
    await response.body?.cancel()
    url = next
  }
}

function nextOf({ status, headers }: Response, url: string, { method }: RequestInit) {
  // To send a body again is what 307 and 308 ask for; the others would make a GET of it.
  if (method === 'POST' ? ![307, 308].includes(status) : !isRedirect(status)) return undefined
  const next = URL.parse(headers.get('location') ?? '', url)
  return next?.origin === new URL(url).origin ? next.href : undefined
}

const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status)

async function answered(response: Response, { limit = 32 * mebibyte }: JsonRequest) {
  const { status, headers } = response
  if (!response.ok) {
    await response.body?.cancel()
    const why = isRedirect(status)
      ? 'redirects elsewhere, which is not followed'
      : `answered ${status}`
    const retryAfter = retryAfterOf(headers.get('retry-after'))
    return failure(why, { status, passing: passingStatuses.has(status), retryAfter })
  }
  const body = await jsonBody(response, limit)
  if (body.kind === 'json') return { ok: true, value: body.value } as const
  return failure(words[body.kind], { status, passing: body.kind === 'broken' })
}

const words = {
  broken: 'answered with what is no JSON',
  page: 'answered with a web page and no JSON',
  huge: 'answered with more than is read',
}

function failure(
  why: string,
  { status, passing, retryAfter }: Partial<Pick<Failure, 'status' | 'passing' | 'retryAfter'>>,
): Failure {
  return { ok: false, status, why, passing: passing === true, retryAfter }
}
