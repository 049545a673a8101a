import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** The PEM files of a certificate. */
export interface CertificateFiles {
  readonly cert: string
  readonly key: string
}

/** Makes a certificate for `localhost` in a folder, that nobody but who is told to trusts. */
export function makeCertificate(folder: string, days = 2, name = 'cert'): CertificateFiles {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}-key.pem`)]
  const curve = ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const files = ['-keyout', key, '-out', cert]
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', ...curve, '-nodes', ...files, '-days', String(days), ...names],
    { stdio: 'ignore' },
  )
  return { cert, key }
}
