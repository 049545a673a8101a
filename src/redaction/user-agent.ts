import { redactText } from './text.ts'

/** Characters that are kept: enough to tell browsers apart. */
const limit = 256

/** A few clients send most requests: each text is looked at once. Bounded, since it is theirs. */
const shown = new Map<string, string>()
const shownLimit = 500

/** A client's name for itself as a log or the audit trail may show it: cut short, and without secrets. */
export function shownUserAgent(text: string): string {
  const known = shown.get(text)
  if (known !== undefined) return known
  const result = redactText(text, limit)
  if (shown.size >= shownLimit) shown.clear()
  if (text.length <= 1024) shown.set(text, result)
  return result
}
