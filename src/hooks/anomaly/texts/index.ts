/** The texts of a request, one by one, with the names that they stand under. */
export { visitBody } from './body.ts'
export { openingJson } from './opened-json.ts'
export { isPlainTarget, visitTarget } from './target.ts'
export type { Visit } from './visit.ts'
