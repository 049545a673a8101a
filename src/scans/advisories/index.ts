/** Advisories: where they come from, what they are about, and many made one. */
export { mergeAdvisories } from './merge.ts'
export { type NpmAdvisoriesOptions, npmAdvisories } from './npm.ts'
export { oddities } from './npm-question.ts'
export { type OsvFilesOptions, osvFiles } from './osv/offline.ts'
export { type OsvApiOptions, osvApi } from './osv/online.ts'
export { isPrivate, withoutPrivate } from './private-names.ts'
export { isAffected, lowestFixed } from './ranges/affected.ts'
