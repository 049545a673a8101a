import { redactEmails, redactUrls, redactWebhooks } from './addresses.ts'
import { redactAssignments } from './assignments.ts'
import { redactNumbers } from './numbers.ts'
import { redactPrivateKeys, redactSchemes, redactTokens } from './tokens.ts'

/** What nearly every secret has: most texts have none of it, and are done at once. */
const suspicious =
  /[@:=%]|&#|\d{3}|(?:\d ){9}|[A-Za-z0-9_.-]{16}|-----BEGIN|\s--?[a-z]|\b(?:bearer|basic|is|was)\s/i

/** Characters that are looked at beyond those that are kept: a secret at the edge shows in them. */
const overlap = 512

/**
 * Takes secrets and personal data out of a text, by their form. Time is linear in `limit`; what
 * stands beyond it is cut off.
 *
 * @param limit characters that are kept
 * @param secrets values that are known, and taken out wherever they stand
 */
export function redactText(text: string, limit: number, secrets: readonly string[] = []): string {
  if (text.length <= limit) return redactWhole(text, secrets)
  const kept = redactWhole(text.slice(0, limit + overlap), secrets).slice(0, limit)
  return `${kept}… (${text.length - limit} more)`
}

function redactWhole(text: string, secrets: readonly string[]): string {
  let result = text
  for (const secret of secrets)
    if (result.includes(secret)) result = result.replaceAll(secret, '[redacted]')
  if (!suspicious.test(result)) return result
  if (result.includes('-----BEGIN')) result = redactPrivateKeys(result)
  if (result.includes('://')) result = redactUrls(result)
  if (/webhook/i.test(result)) result = redactWebhooks(result)
  result = redactTokens(redactSchemes(redactAssignments(result)))
  if (/@|40|&#64/.test(result)) result = redactEmails(result)
  return /\d{3}|(?:\d ){9}/.test(result) ? redactNumbers(result) : result
}
