/** Why a project cannot be scanned. */
export type ProjectFault =
  /** Nothing is there, or nothing that says what is installed. */
  | 'missing'
  /** Two lockfiles that may say different things. */
  | 'ambiguous'
  /** The file system says no, or it is not text. */
  | 'unreadable'
  /** A format, or a version of one, that is not known here. */
  | 'unsupported'
  /** More than {@linkcode limits} allow. */
  | 'too-large'
  /** Cut off, broken, or not what its format says. */
  | 'malformed'

/**
 * A project whose lockfile cannot be read to the end: nothing is known of it, which is a failure and
 * never an empty project. The message is for a person: what is wrong, where, and what to do.
 */
export class ProjectError extends Error {
  readonly fault: ProjectFault

  constructor(fault: ProjectFault, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'ProjectError'
    this.fault = fault
  }
}

/** Runs a reader, and has its errors begin with the name of the file. */
export function inFile<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ProjectError)) throw error
    throw new ProjectError(error.fault, `${file}: ${error.message}`, { cause: error.cause })
  }
}

/** Foreign text within a message: quoted, escaped, at most 80 characters of it. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text)
}
