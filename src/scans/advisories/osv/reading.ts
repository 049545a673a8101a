import type { Advisory, PackageId } from '../../model.ts'
import { few } from '../problems.ts'
import { type PackageName, readRecord } from './advisories.ts'
import { type OsvRecord, osvRecord } from './record.ts'

/** A package, whatever its version, as one text. */
export const keyOf = ({ ecosystem, name }: PackageName): string => `${ecosystem}\n${name}`

/** What one pass over all records has found of some packages so far. */
export class Reading {
  /** By {@linkcode keyOf}; of each package that is looked for, if only an empty list. */
  readonly found: ReadonlyMap<string, Advisory[]>
  readonly #unmet: Set<string>
  readonly #incomparable = new Set<string>()
  readonly #broken: string[] = []

  constructor(packages: readonly PackageId[]) {
    this.found = new Map(packages.map((one) => [keyOf(one), []]))
    this.#unmet = new Set(packages.map(({ ecosystem }) => ecosystem))
  }

  /** Takes the next record. @param name of its file, for who has to mend it */
  add(name: string, bytes: Uint8Array): void {
    const record = parsed(bytes)
    if (record === undefined) {
      this.#broken.push(name)
      return
    }
    for (const { package: of } of record.affected ?? []) if (of) this.#unmet.delete(of.ecosystem)
    const { advisories, incomparable } = readRecord(record, (of) => this.found.has(keyOf(of)))
    for (const advisory of advisories)
      this.found.get(keyOf({ ...advisory, name: advisory.package }))?.push(advisory)
    for (const of of incomparable) this.#incomparable.add(`${of.name} (${of.ecosystem})`)
  }

  /**
   * What nobody can say after it; sentences for an operator.
   *
   * @param isWhole whether all records were taken: what is missing may stand in one that was not
   */
  problems(path: string, isWhole: boolean): string[] {
    const sentences: readonly (readonly [readonly string[], (all: string) => string])[] = [
      [this.#broken, (all) => `${all} cannot be read as records of OSV.`],
      [isWhole ? [...this.#unmet] : [], (all) => `${path} has no record about ${all} at all.`],
      [
        [...this.#incomparable],
        (all) => `Records about ${all} have ranges that could not be compared.`,
      ],
    ]
    return sentences.filter(([all]) => all.length > 0).map(([all, tell]) => tell(few(all)))
  }
}

function parsed(bytes: Uint8Array): OsvRecord | undefined {
  try {
    return osvRecord(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return undefined
  }
}
