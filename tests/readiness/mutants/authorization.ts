import { answering, type Breakage, ownAnswer } from '../broken-proxy.ts'
import { type Mutant, proxied } from '../mutant.ts'

const served = ownAnswer('200 OK', '{}', { 'content-type': 'application/json' })

/** A cache that does not look at who asks. */
function sharedCache(path: string): Breakage {
  let kept: string | undefined
  const concerns = (bytes: string) => bytes.startsWith(`GET ${path} `)
  return {
    request: (bytes) => (concerns(bytes) && kept !== undefined ? { answer: kept } : bytes),
    answer(bytes, request) {
      if (!concerns(request)) return bytes
      kept ??= bytes
      return kept
    },
  }
}

/** What one client gets of another. */
export const authorizationMutants: readonly Mutant[] = [
  proxied('a cache that does not look at who asks', ['authorization.lists'], () =>
    sharedCache('/api/keys'),
  ),
  proxied(
    'a service that finds a call by its id alone',
    ['authorization.calls'],
    ({ guests: { one, other } }) => ({
      request: (bytes) =>
        bytes.startsWith(`GET /api/calls/${other.callId} `)
          ? bytes.replace(one.key.secret, other.key.secret)
          : bytes,
    }),
  ),
  proxied(
    'a service that lets others change calls',
    ['authorization.changes'],
    answering((bytes) => bytes.startsWith('PATCH /api/calls/'), served),
  ),
  proxied(
    'a proxy that takes a better key for each request',
    ['authorization.scopes', 'authorization.escalation'],
    ({ guests: { one } }) => ({
      request: (bytes) => bytes.replace(one.reader.secret, one.key.secret),
    }),
  ),
  proxied(
    'a service that shows its metrics to every client',
    ['authorization.platform'],
    answering((bytes) => /^GET \/metrics(.|\r\n)*authorization/i.test(bytes), served),
  ),
  proxied(
    'a service that follows any cursor',
    ['authorization.cursors'],
    answering((bytes) => bytes.includes('&cursor='), served),
  ),
]
