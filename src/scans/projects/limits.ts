import { ProjectError } from './errors.ts'

/**
 * How much of a stranger's file is read. The largest lockfiles in public have some 10 MB and 10,000
 * packages with 60,000 edges; what is at all of these limits takes seconds and some hundred MB.
 */
export const limits = {
  /** Bytes of a file. */
  bytes: 64 * 1024 * 1024,
  /** Places with a package. */
  packages: 100_000,
  /** Dependencies of all of them together. */
  edges: 500_000,
  /** Characters of a place, and how many folders deep it is. */
  place: 4096,
  depth: 100,
  /** Characters of a name or a version; npm's own limit for names is 214. */
  name: 512,
  /** Characters of a range. */
  range: 8192,
} as const

/** Counts what has been read, and ends the reading where it is too much. */
export interface Budget {
  /** @throws {ProjectError} beyond the limit */
  spend(count: number): void
}

/** A {@linkcode Budget} of packages or edges. */
export function budget(what: 'packages' | 'edges'): Budget {
  let spent = 0
  return {
    spend(count) {
      spent += count
      if (spent <= limits[what]) return
      const noun = what === 'edges' ? 'dependencies' : what
      throw new ProjectError(
        'too-large',
        `has more than ${limits[what]} ${noun}; scan its parts one by one`,
      )
    },
  }
}
