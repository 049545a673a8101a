import type { Reader } from './reader.ts'

/** Moves a reader on behind a word; false where the word is not SQL in this place. */
export type Step = (reader: Reader) => boolean

/** Steps by the word that they begin with. */
export type Steps = ReadonlyMap<string, Step>
