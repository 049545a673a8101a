/**
 * The parts of a request's URL that hooks look at before there is a route. Most look into the URL as
 * it is: a part that is taken out is memory of its own, which is cold by the time it is used again.
 */

/** Index of the slash that begins the path; -1 if there is none. */
export const pathStart = (url: string): number => url.indexOf('/', url.indexOf('://') + 3)

/** The path, as it was sent: still encoded, without the query. */
export function pathOf(url: string): string {
  const start = pathStart(url)
  const end = url.indexOf('?', start)
  return url.slice(start, end === -1 ? undefined : end)
}

/** Whether a URL's path is this one. */
export function isPath(url: string, path: string): boolean {
  const start = pathStart(url)
  return url.startsWith(path, start) && isEnd(url, start + path.length)
}

/** Whether a URL's path is one of these. */
export const isOneOf = (url: string, paths: readonly string[]): boolean =>
  paths.some((path) => isPath(url, path))

/** Whether a URL's path is this one, or goes on from it with a part more. */
export function isBelow(url: string, path: string): boolean {
  const start = pathStart(url)
  if (!url.startsWith(path, start)) return false
  const end = start + path.length
  return path.endsWith('/') || url[end] === '/' || isEnd(url, end)
}

const isEnd = (url: string, at: number): boolean => at === url.length || url[at] === '?'

/** The host without its port; IPv6 keeps its brackets. */
export function hostOf(url: string): string {
  return withoutPort(url.slice(url.indexOf('://') + 3, pathStart(url)))
}

function withoutPort(authority: string): string {
  const port = authority.lastIndexOf(':')
  return port > authority.lastIndexOf(']') ? authority.slice(0, port) : authority
}

/** Where Elysia 1.4 begins to look for the path. */
const elysiaPathSearch = 11

/** `host` or `host:port` as RFC 9110 §7.2 has it: a name, an IPv4 address, or an IPv6 in brackets. */
const hostField = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i

/**
 * Why a request's target and host could be read in two ways; undefined where there is but one. So
 * routing, guards, limits, logs and whatever proxy stands before the service see the same path.
 *
 * @param url as the server made it of target and host; no absolute one where it could not
 * @param host the Host field; null where there is none, as in a request that a program made itself
 */
export function ambiguityOf(url: string, host: string | null): string | undefined {
  const start = pathStart(url)
  const afterScheme = schemes.find((scheme) => url.startsWith(scheme))?.length
  if (afterScheme === undefined || start <= afterScheme) return 'The request names no host and path'
  // With `Host: x`, Elysia would route `/a/health/live` as `/live`.
  if (url.indexOf('/', elysiaPathSearch) !== start) return 'The host is too short to be a name'
  // Two lines come joined, and a server goes by one of them (RFC 9112 §3.2).
  if (host !== null && !hostField.test(host))
    return 'There must be one host, written as a name or an address'
  // Also 2130706433 for 127.0.0.1, and a target that names another host than the field.
  const isAlike =
    host !== null && start === afterScheme + host.length && url.startsWith(host, afterScheme)
  if (host !== null && !isAlike && !isSameHost(host, url.slice(afterScheme, start)))
    return 'The host can be read in two ways'
  plainTarget.lastIndex = start
  return plainTarget.test(url) ? undefined : ambiguityOfTarget(url.slice(start))
}

const schemes = ['http://', 'https://']

const isSameHost = (one: string, other: string): boolean =>
  withoutPort(one).toLowerCase() === withoutPort(other).toLowerCase()

/** Nothing encoded in the path, and no separator or dot but between words: nearly all there are. */
const plainTarget = /(?:\/[\w!$&'()*+,:=@~-][\w!$&'()*+,.:=@~-]*)+\/?(?:\?[^#]*)?$/y

/** `.` and `..`, also encoded, also with the parameters that Java's servers cut off. */
const dotSegment = /\/(?:\.|%2e){1,2}(?:[/;]|$)/i

/** Bytes that no URL has unencoded (RFC 3986 §2): spaces, control characters, all but ASCII. */
const unencoded = /[^!-~]/

function ambiguityOfTarget(target: string): string | undefined {
  if (target.includes('#')) return 'A fragment is not for servers'
  const [path = ''] = target.split('?', 1)
  if (path.includes('//')) return 'The path has an empty part'
  if (path.includes('\\') || unencoded.test(path)) return 'The path has characters to be encoded'
  if (dotSegment.test(path)) return 'The path has a part of dots'
  if (!path.includes('%')) return undefined
  try {
    decodeURIComponent(path)
  } catch {
    return 'The path is not encoded as UTF-8'
  }
  return hiddenSeparator.test(path) ? 'The path hides a separator' : undefined
}

/** Slashes, backslashes and control characters; U+FFFD stands for bytes that Bun could not read. */
const hiddenSeparator = /%(?:2f|5c|[01][\da-f]|7f)|%ef%bf%bd/i
