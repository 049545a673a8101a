/** What a registry knows of packages, and which of a project's own are not the newest. */
export { outdatedPackages } from './outdated.ts'
export type { PackageMetadata } from './packument.ts'
export { type MetadataSource, metadataSource } from './source.ts'
export { specOf, taken } from './wanted.ts'
