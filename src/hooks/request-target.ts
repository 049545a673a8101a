/** The parts of a request's URL that hooks look at before there is a route. */

/** Index of the slash that begins the path; -1 if there is none. */
export const pathStart = (url: string): number => url.indexOf('/', url.indexOf('://') + 3)

/** The path, as it was sent: still encoded, without the query. */
export function pathOf(url: string): string {
  const start = pathStart(url)
  const end = url.indexOf('?', start)
  return url.slice(start, end === -1 ? undefined : end)
}

/** The host without its port; IPv6 keeps its brackets. */
export function hostOf(url: string): string {
  const authority = url.slice(url.indexOf('://') + 3, pathStart(url))
  const port = authority.lastIndexOf(':')
  return port > authority.lastIndexOf(']') ? authority.slice(0, port) : authority
}
