export {
  type Counts,
  countsOf,
  type FindingsOptions,
  findingsIn,
  isAtOrAbove,
  type Threshold,
} from './findings.ts'
export { type Graph, graphOf } from './graph.ts'
export { type Ignore, IgnoreListError, ignoreFile, readIgnoreList } from './ignore-list.ts'
export { type Ignoring, ignoring } from './ignoring.ts'
export { type Known, known } from './known.ts'
export { countedPaths, listedPaths, type Paths, pathsTo } from './paths.ts'
export { productionOf } from './production.ts'
export { type Releases, type RemedyOptions, releasesOf } from './remedies/index.ts'
export { remediesOf, type ToldRemedy } from './told-once.ts'
