import { quoted } from './errors.ts'

/** Names that are listed for one reason; the others are counted. */
const listed = 10

/** Collects what nobody can be asked about, by reason: {@linkcode Project.gaps}. */
export interface Gaps {
  add(reason: string, name: string): void
  /** One sentence a reason, in the order in which they came up. */
  sentences(): readonly string[]
}

/** Starts a collection. */
export function collectGaps(): Gaps {
  const byReason = new Map<string, { readonly names: string[]; count: number }>()
  return {
    add(reason, name) {
      const known = byReason.get(reason) ?? { names: [], count: 0 }
      byReason.set(reason, known)
      known.count++
      if (known.names.length < listed) known.names.push(quoted(name).slice(1, -1))
    },
    sentences: () =>
      [...byReason].map(([reason, { names, count }]) => {
        const more = count > names.length ? ` and ${count - names.length} more` : ''
        return `${reason}: ${names.join(', ')}${more}.`
      }),
  }
}
