/** Reads what a project has installed from its lockfile or SBOM; {@linkcode readProject}. */

import type { PackageId, Project } from '../model.ts'
import { findFile } from './find.ts'
import { parseProject } from './parse.ts'
import { readText } from './read-file.ts'

export { ProjectError } from './errors.ts'
export { thisHost } from './host.ts'
export { limits } from './limits.ts'
export { parseProject } from './parse.ts'
export { countListed, type Host, installedOn } from './platform.ts'

/**
 * Reads a project: the bun.lock, package-lock.json or npm-shrinkwrap.json of a folder, or the file at
 * a path, which may be a CycloneDX SBOM too. Nothing else is read and nothing is fetched.
 *
 * @param path a folder or a file
 * @throws {ProjectError} for all that keeps it from being read to the end
 */
export async function readProject(path: string): Promise<Project> {
  const file = await findFile(path)
  return parseProject(await readText(file.path, file.name), file.name)
}

/**
 * The packages that somebody can be asked about, each once: not the project's own folders, and not
 * {@linkcode Project.gaps}.
 */
export function knownPackages({ packages }: Project): readonly PackageId[] {
  const known = new Map<string, PackageId>()
  for (const { ecosystem, name, version } of packages.values())
    if (ecosystem !== '' && version !== '')
      known.set(JSON.stringify([ecosystem, name, version]), { ecosystem, name, version })
  return [...known.values()]
}
