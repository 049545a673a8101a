/** Advisories: where they come from, what they are about, and many made one. */
export { mergeAdvisories } from './merge.ts'
export { npmAdvisories } from './npm.ts'
export { oddities } from './npm-question.ts'
export { osvFiles } from './osv/offline.ts'
export { osvApi } from './osv/online.ts'
export { isPrivate, withoutPrivate } from './private-names.ts'
export { isAffected, lowestFixed } from './ranges/affected.ts'
