import type { Variable } from './environment.ts'

const exotelVariables = [
  'EXOTEL_SID',
  'EXOTEL_API_KEY',
  'EXOTEL_API_TOKEN',
  'EXOTEL_SUBDOMAIN',
  'EXOTEL_CALLER_ID',
  'EXOTEL_WEBHOOK_SECRET',
] as const satisfies readonly Variable[]

/** What the variables that are set demand of others: one sentence for each that is missing. */
export function demands(env: Readonly<Record<string, string>>): string[] {
  const faults: string[] = []
  const missing = (name: Variable) => env[name] === undefined
  const isOn = (name: Variable) => /^(on|true|1)$/.test(env[name] ?? '')
  const need = (name: Variable, why: string) => {
    if (missing(name)) faults.push(`${name} is missing: ${why}`)
  }
  const production = env['NODE_ENV'] === 'production'
  if (production) {
    need('ENCRYPTION_KEY', 'production keeps no key of its own (openssl rand -hex 32)')
    need('DATABASE_URL', 'production does not run on the embedded database')
    need('PUBLIC_URL', 'callbacks need an address that others can reach')
    if (missing('CALY_PROVIDER') && exotelVariables.every(missing))
      faults.push("CALY_PROVIDER is missing: set it to simulator, or set all of Exotel's variables")
    const forced = missing('FORCE_HTTPS') || isOn('FORCE_HTTPS')
    if (forced && missing('TLS_CERT') && missing('TRUSTED_PROXIES'))
      faults.push(
        'TLS_CERT or TRUSTED_PROXIES is missing: without one every request looks like plain HTTP and FORCE_HTTPS redirects for ever',
      )
  }
  const wantsExotel =
    env['CALY_PROVIDER'] === 'exotel' ||
    (missing('CALY_PROVIDER') && !exotelVariables.every(missing))
  if (wantsExotel)
    for (const name of exotelVariables) need(name, "Exotel needs all of Exotel's variables")
  if (!missing('DATABASE_OWNER_URL'))
    need('DATABASE_URL', 'DATABASE_OWNER_URL names the owner of its tables')
  if (missing('TLS_CERT') !== missing('TLS_KEY'))
    faults.push('TLS_CERT and TLS_KEY go together: set both, or neither')
  if (missing('CALY_ADMIN_EMAIL') !== missing('CALY_ADMIN_PASSWORD'))
    faults.push('CALY_ADMIN_EMAIL and CALY_ADMIN_PASSWORD go together: set both, or neither')
  return faults
}
