/** What a registry knows of packages, and which of a project's own are not the newest. */
export { type OutdatedAnswer, outdatedPackages } from './outdated.ts'
export type { PackageMetadata, PublishedVersion } from './packument.ts'
export {
  type MetadataAnswer,
  type MetadataOptions,
  type MetadataSource,
  metadataSource,
} from './source.ts'
export { specOf, taken } from './wanted.ts'
