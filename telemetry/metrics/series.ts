import { type HistogramCell, histogramCell } from './histogram.ts'
import { overflow } from './series-limit.ts'

/** A series' labels. */
export type SeriesAttributes = Readonly<Record<string, string | number | boolean>>

/** One series of a histogram. */
export interface Series extends HistogramCell {
  readonly attributes: SeriesAttributes
}

/** Series of one metric at most, as in the SDK, where the limit starts anew at each collection. */
const seriesLimit = 2000

/**
 * All series of one histogram. Whoever records keeps look-up tables of its own into it; beyond the
 * limit, everything shares one series that says so (the specification's overflow attribute).
 */
export class SeriesSet {
  readonly boundaries: readonly number[]
  readonly #series: Series[] = []
  readonly #limit: number
  #overflow: Series | undefined

  constructor(boundaries: readonly number[], limit: number = seriesLimit) {
    this.boundaries = boundaries
    this.#limit = limit
  }

  /** A new series, or the one for all that are too many. */
  add(attributes: SeriesAttributes): Series {
    if (this.#series.length < this.#limit) {
      const series = { ...histogramCell(this.boundaries), attributes }
      this.#series.push(series)
      return series
    }
    this.#overflow ??= {
      ...histogramCell(this.boundaries),
      attributes: overflow,
    }
    return this.#overflow
  }

  [Symbol.iterator](): Iterator<Series> {
    return [...this.#series, ...(this.#overflow ? [this.#overflow] : [])].values()
  }
}

/**
 * Values at most of a label that code makes up as it runs (classes of errors, statements): what is
 * beyond shares `_OTHER`.
 */
export class BoundedNames {
  readonly #names = new Set<string>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The name itself, or `_OTHER` when there are too many already. */
  admit(name: string): string {
    if (this.#names.has(name)) return name
    if (this.#names.size >= this.#limit) return otherName
    this.#names.add(name)
    return name
  }
}

/** The conventions' word for what has no name of its own, or must not have one. */
export const otherName = '_OTHER'
