import type { Config } from '../config.ts'

/** Shorter values are words of the language, too. */
const leastSecretLength = 8

/** The secrets among the settings: the log takes them out wherever they stand. */
export function secretsOf(config: Config): string[] {
  const { database, redisUrl, encryptionKeys = [], metricsToken, calls, admin } = config
  const passwords = [database.url, database.listenUrl, database.ownerUrl, redisUrl].map(passwordOf)
  const { webhookSecrets = [], exotel } = calls
  return [
    ...encryptionKeys,
    ...passwords,
    ...webhookSecrets,
    ...[metricsToken, exotel?.apiKey, exotel?.apiToken, admin?.password],
  ].filter(isLongSecret)
}

const isLongSecret = (secret: string | undefined): secret is string =>
  secret !== undefined && secret.length >= leastSecretLength

function passwordOf(url: string | undefined): string | undefined {
  const encoded = url !== undefined && URL.canParse(url) ? new URL(url).password : ''
  return encoded === '' ? undefined : decodeURIComponent(encoded)
}
