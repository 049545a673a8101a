import { X509Certificate } from 'node:crypto'
import type { Telemetry } from '#telemetry/index.ts'
import type { TlsFiles } from './listener.ts'

/** Publishes how long the certificate is good that this process serves with; nothing without one. */
export function observeCertificate({ instruments }: Telemetry, tls: TlsFiles | undefined): void {
  const expires = tls && firstExpiry(tls.cert)
  if (expires === undefined) return
  instruments.certificateRemaining.addCallback((result) =>
    result.observe((expires - Date.now()) / 1000),
  )
}

/**
 * When the first certificate of a chain expires: clients believe none of it from then on.
 *
 * @returns milliseconds since the epoch; undefined where none can be read, as the listener will say
 */
export function firstExpiry(pem: string): number | undefined {
  const ends = Array.from(pem.matchAll(certificate), ([text]) => endOf(text))
  const known = ends.filter((end) => end !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}

const certificate = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs

function endOf(pem: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(pem).validTo)
  } catch {
    return undefined
  }
}
