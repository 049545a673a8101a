/** What the bench consists of. */
import { get, list, post } from './jobs.ts'
import type { Run, Section } from './run.ts'

/** Each gives a table or some. */
export const parts = { get, post, list } as const satisfies Readonly<
  Record<string, (run: Run) => Promise<Section | readonly Section[]>>
>

/** A part of the bench. */
export type Part = keyof typeof parts

/** All of them, in the order in which they run. */
export const partNames = Object.keys(parts) as Part[]
