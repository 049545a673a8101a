import type { Place } from './finding.ts'

/** One way to read a text: as it came, or with what was wrapped around it taken off. */
export interface View {
  readonly text: string
  /** The same in lower case (ASCII and all else), of the same length wherever that can be. */
  readonly lower: string
  /** How many layers of encoding were taken off to get here; the transport's own does not count. */
  readonly layers: number
  readonly place: Place
}

/**
 * Says how sure it is that a text is an attack of its kind: 0 for an honest one, 0.5 and more for
 * what is to be told. Linear in the text's length, whatever the text.
 */
export type Detector = (view: View) => number
