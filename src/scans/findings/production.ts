import type { Project } from '../model.ts'
import { graphOf } from './graph.ts'

/** The same project without what only development gets to. */
export function productionOf(project: Project): Project {
  const { packages, development } = graphOf(project)
  const left = packages.filter((_, number) => !development.has(number))
  return {
    ...project,
    manifests: project.manifests.map((manifest) => ({
      ...manifest,
      dependencies: manifest.dependencies.filter(({ kind }) => kind !== 'development'),
    })),
    packages: new Map(left.map((one) => [one.key, one])),
  }
}
