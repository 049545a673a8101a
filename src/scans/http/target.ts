/** Whom a request goes to. */
export interface Target {
  /** Without user and password. */
  readonly url: string
  /** With its port where that is not the usual one. */
  readonly host: string
  /** What the user and password of the URL come to; undefined where it has none. */
  readonly authorization: string | undefined
}

/** Takes a URL apart; undefined for what is no HTTP URL. */
export function target(address: string): Target | undefined {
  const url = URL.parse(address)
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined
  const { host, username, password } = url
  url.username = ''
  url.password = ''
  return { url: url.href, host, authorization: basic(username, password) }
}

/** RFC 7617 */
function basic(username: string, password: string): string | undefined {
  if (username === '' && password === '') return undefined
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
