/** Every secret that the tests used, in one place, so that no started Caly may have logged one. */

const secrets = new Set<string>()

/** Shorter ones are words that stand in any log. */
const leastLength = 8

/** Has every Caly's output looked through for this value from now on. */
export function registerSecret(value: unknown): void {
  if (typeof value === 'string' && value.length >= leastLength) secrets.add(value)
}

/** Fields of bodies, and variables of the environment, whose values are secrets or a person's. */
const named =
  /password|token$|^key$|secret|^(?:from|to|number|email)$|ENCRYPTION_KEY|EXOTEL_API_KEY|ADMIN_EMAIL/i

/** Timestamps and statuses stand under `from` and `to`, too. */
const isHarmless = (value: string): boolean => /^\d{4}-|^[a-z-]+$/.test(value)

/** Registers what stands under the names of secrets, at any depth. */
export function registerSecretsOf(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === 'string' && named.test(name) && !isHarmless(inner)) registerSecret(inner)
    registerSecretsOf(inner)
  }
}

/** What a first start shows once, on the terminal and not in the log. */
const firstCredentials = /^ {2}(?:E-mail|Password|API key) .*$/gm

/** Which secrets stand in what a process printed; each is cut short, since this goes into a report. */
export function secretsIn(output: string): string[] {
  const logged = output.replace(firstCredentials, '')
  return [...secrets]
    .filter((secret) => logged.includes(secret))
    .map((secret) => `${secret.slice(0, 6)}…`)
}
