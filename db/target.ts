import { readFileSync } from 'node:fs'

/** Where a PostgreSQL server listens, and as whom to log in: a `DATABASE_URL`, taken apart. */
export interface DatabaseTarget {
  /** Tried in this order: the first that answers is taken. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  /** A Unix socket; set instead of hosts. */
  readonly path: string | undefined
  readonly database: string
  readonly user: string
  readonly password: string
  /** As postgres.js takes it. */
  readonly ssl: false | 'prefer' | 'require' | TlsOptions
  /** Session settings that the URL asks for, such as `search_path`. */
  readonly parameters: Readonly<Record<string, string>>
}

/** What of `tls.connect` the `sslmode` decides. */
export interface TlsOptions {
  readonly rejectUnauthorized: boolean
  readonly ca?: string
  /** Only where `sslmode` asks for a trusted certificate of whatever name. */
  readonly checkServerIdentity?: () => undefined
}

/** Parameters that speak to the client, not to the server. */
const clientParameters = new Set(['host', 'sslmode', 'sslrootcert', 'connect_timeout', 'pgbouncer'])

/**
 * Takes a `postgres://` URL apart, as libpq reads it: several hosts, `?host=/folder` for a Unix
 * socket, `sslmode`, `sslrootcert`, and settings for the session.
 *
 * @throws {RangeError} if the URL cannot be used; the message never repeats it
 */
export function parseTarget(url: string): DatabaseTarget {
  const [, authority = ''] = /^postgres(?:ql)?:\/\/([^/?#]*)/.exec(url) ?? []
  const hostPart = authority.slice(authority.lastIndexOf('@') + 1)
  const first = hostPart.split(',', 1)[0] ?? ''
  const plain = url.replace(hostPart, first === '' ? 'localhost' : first)
  if (!URL.canParse(plain)) throw new RangeError('DATABASE_URL is not a URL that can be read')
  const { username, password, pathname, searchParams } = new URL(plain)
  const user = decodeURIComponent(username) || 'postgres'
  const folder = searchParams.get('host')
  const hosts = hostPart.split(',').map(parseHost)
  return {
    hosts,
    path: folder?.startsWith('/') ? `${folder}/.s.PGSQL.${hosts[0]?.port ?? 5432}` : undefined,
    database: decodeURIComponent(pathname.slice(1)) || user,
    user,
    password: decodeURIComponent(password),
    ssl: tlsOf(searchParams.get('sslmode'), searchParams.get('sslrootcert')),
    parameters: Object.fromEntries(
      [...searchParams].filter(([name]) => !clientParameters.has(name)),
    ),
  }
}

/** The target's name for a person: `db.example.com:5432`, or the socket's path. No credentials. */
export const describeTarget = ({ path, hosts }: DatabaseTarget): string =>
  path ?? hosts.map(({ host, port }) => `${host}:${port}`).join(' or ')

function parseHost(text: string): { host: string; port: number } {
  const [, bracketed, bare = '', port = '5432'] =
    /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(text) ?? []
  return { host: bracketed ?? (bare || 'localhost'), port: Number(port) }
}

/** libpq's modes: up to `require` a certificate is not looked at, from `verify-ca` on it is. */
function tlsOf(mode: string | null, rootCertificate: string | null): DatabaseTarget['ssl'] {
  const ca =
    rootCertificate === null || rootCertificate === 'system'
      ? {}
      : { ca: readFileSync(rootCertificate, 'utf8') }
  switch (mode) {
    case null:
    case 'disable':
      return false
    case 'allow':
    case 'prefer':
      return 'prefer'
    case 'require':
      return rootCertificate === null ? 'require' : verifyAuthority(ca)
    case 'verify-ca':
      return verifyAuthority(ca)
    case 'verify-full':
      return { rejectUnauthorized: true, ...ca }
    default:
      throw new RangeError('sslmode in DATABASE_URL is none of PostgreSQL’s')
  }
}

const verifyAuthority = (ca: { readonly ca?: string }): TlsOptions => ({
  rejectUnauthorized: true,
  checkServerIdentity: () => undefined,
  ...ca,
})
