import type { Advisory, Finding } from '../model.ts'
import { type Ignore, ignoreFile } from './ignore-list.ts'

const dayLength = 86_400_000

/** An ignore list that is being used: it remembers what it was good for. */
export interface Ignoring {
  /** Why an advisory does not count in a package; undefined where it does. */
  of(name: string, advisory: Advisory): Finding['ignored']
  /** What to tell of the list after all was asked: entries that have expired, or match nothing. */
  notes(options: { readonly unmatched: boolean }): readonly string[]
}

/** Uses a list at a time. An entry holds for an advisory by any of its ids, in any spelling. */
export function ignoring(list: readonly Ignore[], now: Date): Ignoring {
  const expired = new Set(list.filter((entry) => hasExpired(entry, now)))
  const matched = new Set<Ignore>()
  return {
    of(name, advisory) {
      const matching = list.filter((entry) => matches(entry, name, advisory))
      for (const entry of matching) matched.add(entry)
      const holding = matching.find((entry) => !expired.has(entry))
      return holding && { reason: holding.reason, expires: holding.expires }
    },
    notes: ({ unmatched }) =>
      list.flatMap((entry, index) => {
        const place = `${ignoreFile}: ignore[${index}], ${entry.id}`
        if (!matched.has(entry))
          return unmatched ? [`${place}, matches nothing: it can be removed`] : []
        return expired.has(entry) ? [`${place}, expired on ${entry.expires}: it counts again`] : []
      }),
  }
}

const hasExpired = ({ expires }: Ignore, now: Date): boolean =>
  expires !== undefined && now.getTime() >= Date.parse(`${expires}T00:00:00Z`) + dayLength

function matches(entry: Ignore, name: string, { id, aliases }: Advisory): boolean {
  const wanted = entry.id.toLowerCase()
  return (
    (entry.package === undefined || entry.package === name) &&
    [id, ...aliases].some((one) => one.toLowerCase() === wanted)
  )
}
