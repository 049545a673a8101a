/**
 * What an exception of `fetch` says, in words of ours: its own text may hold the whole URL, and differs
 * between runtimes, which is why it is looked at and never handed on.
 */
export function reasonOf(error: unknown): string {
  const text = causes(error)
  return reasons.find(([pattern]) => pattern.test(text))?.[1] ?? 'closed the connection'
}

const reasons: readonly (readonly [RegExp, string])[] = [
  [/ENOTFOUND|EAI_AGAIN|dns error|getaddrinfo/i, 'is a name that cannot be resolved'],
  [/REFUSED|refused/, 'refused the connection'],
  [/UNREACH|unreachable/i, 'cannot be reached'],
  [
    /CERT|certificate|UnknownIssuer|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)/i,
    'has a certificate that is not trusted',
  ],
  [/zlib|gzip|deflate|decompress/i, 'answered with broken gzip'],
  [/TIMEDOUT|timed out/i, 'did not answer in time'],
]

/** Names, codes and texts down to the first cause, of which three are plenty. */
function causes(error: unknown, depth = 3): string {
  if (!(error instanceof Error) || depth === 0) return ''
  const code = 'code' in error ? String(error.code) : ''
  return [error.name, code, error.message, causes(error.cause, depth - 1)].join(' ')
}
