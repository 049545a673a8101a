/** OSV's records as files: for networks that end at a door. */
import type { Advisory, AdvisorySource, PackageId } from '../../model.ts'
import { comparable } from '../npm-question.ts'
import { few, Gaps } from '../problems.ts'
import { type PackageName, readRecord } from './advisories.ts'
import { recordFiles } from './folder.ts'
import { type Limits, RefusedError, usualLimits } from './limits.ts'
import { type OsvRecord, osvRecord } from './record.ts'

/** Options of {@linkcode osvFiles}. */
export interface OsvFilesOptions {
  /**
   * A folder of records (`*.json`, in folders of any depth, and zips of them), or a zip, such as
   * https://osv-vulnerabilities.storage.googleapis.com/npm/all.zip
   */
  readonly path: string
  /** @default {@linkcode usualLimits} */
  readonly limits?: Limits
}

/** Milliseconds for which records are read before others get their turn: Caly serves calls meanwhile. */
const turn = 20

/**
 * Looks the packages up in files. All records about a package are told, of whatever version: what they
 * are about is found out by their ranges, and for ecosystems whose order of versions is not known here by
 * their lists.
 */
export function osvFiles({ path, limits = usualLimits }: OsvFilesOptions): AdvisorySource {
  return {
    name: 'OSV files',
    async ask(packages, signal) {
      const reading = new Reading(packages)
      try {
        let since = performance.now()
        for await (const { name, bytes } of recordFiles(path, limits)) {
          reading.add(name, bytes)
          if (performance.now() - since < turn) continue
          await new Promise((resolve) => setImmediate(resolve))
          if (signal.aborted) throw new RefusedError(`${path} could not be read in time`)
          since = performance.now()
        }
      } catch (error) {
        reading.refused.add(
          error instanceof RefusedError ? error.message : `${path} cannot be read`,
        )
      }
      return { advisories: reading.advisories, problems: reading.problems(path) }
    },
  }
}

/** What has been read so far. */
class Reading {
  readonly advisories: Advisory[] = []
  readonly refused = new Gaps((_, why) => `OSV's records were not all read: ${why}.`)
  readonly #asked: ReadonlySet<string>
  readonly #unasked: readonly string[]
  readonly #ecosystems: Set<string>
  readonly #incomparable = new Set<string>()
  readonly #broken: string[] = []

  constructor(packages: readonly PackageId[]) {
    this.#asked = new Set(packages.map(keyOf))
    this.#ecosystems = new Set(packages.map(({ ecosystem }) => ecosystem))
    this.#unasked = comparable(packages).problems
  }

  add(name: string, bytes: Uint8Array): void {
    const record = parsed(bytes)
    if (record === undefined) return void this.#broken.push(name)
    for (const { package: of } of record.affected ?? [])
      if (of) this.#ecosystems.delete(of.ecosystem)
    const { advisories, incomparable } = readRecord(record, (of) => this.#asked.has(keyOf(of)))
    this.advisories.push(...advisories)
    for (const of of incomparable) this.#incomparable.add(`${of.name} (${of.ecosystem})`)
  }

  problems(path: string): string[] {
    const [broken, missing, incomparable] = [
      this.#broken,
      [...this.#ecosystems],
      [...this.#incomparable],
    ]
    return [
      ...this.#unasked,
      ...this.refused.sentences,
      ...(broken.length > 0 ? [`${few(broken)} cannot be read as records of OSV.`] : []),
      ...(missing.length > 0 ? [`${path} has no record about ${few(missing)} at all.`] : []),
      ...(incomparable.length > 0
        ? [`Records about ${few(incomparable)} have ranges that could not be compared.`]
        : []),
    ]
  }
}

function parsed(bytes: Uint8Array): OsvRecord | undefined {
  try {
    return osvRecord(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return undefined
  }
}

const keyOf = ({ ecosystem, name }: PackageName) => `${ecosystem}\n${name}`
