/** Content-Length in bytes, where it is one plain number; a client can say anything. */
export function declaredLength(headers: Headers): number | undefined {
  const length = headers.get('content-length')
  return length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}
