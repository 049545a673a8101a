export {
  type Counts,
  countsOf,
  type FindingsOptions,
  findingsIn,
  isAtOrAbove,
  type Threshold,
} from './findings.ts'
export { graphOf } from './graph.ts'
export { type Ignore, IgnoreListError, ignoreFile, readIgnoreList } from './ignore-list.ts'
export { ignoring } from './ignoring.ts'
export { type Known, known } from './known.ts'
export { countedPaths, listedPaths, pathsTo } from './paths.ts'
export { productionOf } from './production.ts'
export { type Releases, releasesOf } from './remedies/index.ts'
export { remediesOf, type ToldRemedy } from './told-once.ts'
