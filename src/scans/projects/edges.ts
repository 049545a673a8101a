import type { Edge } from '../model.ts'
import { ProjectError, quoted } from './errors.ts'
import { type Folder, lookUp } from './folders.ts'
import type { Gaps } from './gaps.ts'
import type { Want } from './wants.ts'

/** What an edge needs to know of the project around it. */
export interface Surroundings {
  /** Whether a key is the project's own: a workspace, or the root. Nobody is asked about these. */
  own(key: string): boolean
  readonly gaps: Gaps
  /** {@linkcode Project.missing} */
  readonly missing: Gaps
}

/** Whose edges they are. */
export interface From {
  readonly key: string
  readonly folder: Folder
  /** What comes within its archive: npm lists that only where it has unpacked the archive. */
  readonly bundled?: ReadonlySet<unknown>
}

/** The edges of an installed package. What it wants and does not get is missing; from its archive, a gap. */
export function edgesOf(
  wants: Iterable<Want>,
  { key, folder, bundled }: From,
  { own, gaps, missing }: Surroundings,
): readonly Edge[] {
  return connect(wants, folder, own, ({ name }) => {
    const what = `${name} of ${key}`
    if (bundled?.has(name)) gaps.add('Bundled with a package, but not in the lockfile', what)
    else missing.add('Wanted by a package, but not in the lockfile; install again', what)
  })
}

/**
 * The edges of a manifest of the project itself.
 *
 * @throws {ProjectError} where the lockfile has nothing for one: it is broken, or not of this project
 */
export function ownEdges(
  wants: Iterable<Want>,
  from: { readonly path: string; readonly folder: Folder },
  { own }: Surroundings,
): readonly Edge[] {
  return connect(wants, from.folder, own, ({ name }) => {
    const who = from.path === '' ? 'the root' : quoted(from.path)
    throw new ProjectError(
      'malformed',
      `has no package for ${quoted(name)}, which ${who} depends on; install again to complete it`,
    )
  })
}

function connect(
  wants: Iterable<Want>,
  folder: Folder,
  own: (key: string) => boolean,
  missing: (want: Want) => void,
): readonly Edge[] {
  return Array.from(wants, (want) => {
    const key = lookUp(folder, want.name)
    if (key === undefined && mustExist(want)) missing(want)
    return { ...want, to: key === undefined || own(key) ? undefined : key }
  })
}

/** Optional dependencies and peers may be left out by whoever wrote the lockfile. */
function mustExist({ kind }: Want): boolean {
  return kind === 'production' || kind === 'development'
}
