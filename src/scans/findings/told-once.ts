import type { Finding, Remedy } from '../model.ts'

/** A remedy, and all that it mends. */
export interface ToldRemedy {
  readonly remedy: Remedy
  /** The worst first. */
  readonly mends: readonly Finding[]
}

/** Each remedy of the findings that count, once: the one of the worst finding first. */
export function remediesOf(findings: readonly Finding[]): readonly ToldRemedy[] {
  const told = new Map<string, { remedy: Remedy; mends: Finding[] }>()
  for (const finding of findings) {
    const { remedy, ignored } = finding
    if (remedy === undefined || ignored !== undefined) continue
    const { package: name, version, write, commands } = remedy
    const key = JSON.stringify([name, version, write, commands])
    const known = told.get(key)
    if (known === undefined) told.set(key, { remedy, mends: [finding] })
    else {
      known.mends.push(finding)
      // The same step may be taken for the package itself and for what it brings.
      if (remedy.kind === 'direct') known.remedy = remedy
    }
  }
  return [...told.values()]
}
