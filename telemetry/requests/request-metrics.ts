import type { SpanContext } from '@opentelemetry/api'
import { type HistogramCell, histogramCell, merge, record } from '../metrics/histogram.ts'
import { BoundedNames, type Series, type SeriesAttributes, SeriesSet } from '../metrics/series.ts'
import { type MethodIndex, methodCount, methodName } from './http-method.ts'

/** Boundaries of `http.server.request.duration` in seconds, as the conventions advise. */
export const durationBoundaries: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

/**
 * Boundaries of the sizes of bodies in bytes; the conventions advise none. From an empty list to an
 * export: below the first nothing is of interest, a recording is above the last.
 */
export const sizeBoundaries: readonly number[] = [
  256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 16_777_216,
]

/** What one finished request is counted by. */
export interface FinishedRequest {
  readonly method: MethodIndex
  readonly secure: boolean
  /** The router's template; undefined where no route matched. */
  readonly route: string | undefined
  /** Undefined where no response came about. */
  readonly status: number | undefined
  /** `error.type`, for 5xx and for requests without a response. */
  readonly errorType: string | undefined
  /** `performance.now()`. @default now */
  readonly at?: number
  readonly seconds: number
  /** Bytes of its body, and of the answer's, where they are known. */
  readonly bytesIn?: number | undefined
  readonly bytesOut?: number | undefined
  /** Its span, if that is sampled: an exemplar. */
  readonly span?: SpanContext | undefined
}

/** The requests that run right now, by what was known of them at arrival. */
export interface ActiveRequests {
  readonly method: MethodIndex
  readonly scheme: 'http' | 'https'
  count: number
  /** Whether there ever was one. */
  used: boolean
}

/** The requests of the last minute. */
export interface RecentRequests {
  /** Seconds that the figures speak of: at most 60, less after a start. */
  readonly seconds: number
  readonly requests: number
  /** Those that ended with 5xx, or without a response. */
  readonly errors: number
}

/** Errors have the names of classes, which a library could make up as it runs. */
const errorTypeLimit = 50

const windowSeconds = 60

/** The series of one route, status, method and scheme. */
interface Cells {
  readonly attributes: SeriesAttributes
  readonly durations: Map<string | undefined, Series>
  /** Without the error: a size says nothing about it. Made when a size is known. */
  bytesIn: Series | undefined
  bytesOut: Series | undefined
}

/**
 * Counts requests: three map look-ups and an array where the SDK's histogram sorts and stringifies
 * its attributes each time (0.6 µs). All that a series is told apart by is bounded, whatever a
 * client sends: methods by the known list, routes by the router, statuses and errors by our code.
 */
export class RequestMetrics {
  /** `http.server.request.duration`. */
  readonly durations = new SeriesSet(durationBoundaries)
  /** `http.server.request.body.size` and `http.server.response.body.size`. */
  readonly bytesIn = new SeriesSet(sizeBoundaries)
  readonly bytesOut = new SeriesSet(sizeBoundaries)
  readonly #byRoute = new Map<string | undefined, Map<number, Cells>>()
  readonly #errorTypes = new BoundedNames(errorTypeLimit)
  readonly #active: readonly ActiveRequests[] = Array.from(
    { length: methodCount * 2 },
    (_, index) => ({
      method: index >> 1,
      scheme: index % 2 === 0 ? 'http' : 'https',
      count: 0,
      used: false,
    }),
  )
  readonly #seconds = Array.from({ length: windowSeconds }, () => ({
    second: -1,
    requests: 0,
    errors: 0,
  }))
  readonly #now: () => number
  readonly #startedAt: number

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#startedAt = now()
  }

  /** Counts a request in. The same arguments must count it out. */
  began(method: MethodIndex, secure: boolean): void {
    const active = this.#activeOf(method, secure)
    active.count++
    active.used = true
  }

  /** Counts a request out of the active ones. */
  left(method: MethodIndex, secure: boolean): void {
    this.#activeOf(method, secure).count--
  }

  /** Records how a request ended. @returns the series that it counts in, for all alike the same object */
  ended(request: FinishedRequest): SeriesAttributes {
    const { bytesIn, bytesOut, errorType, span } = request
    const cells = this.#cellsOf(request)
    const series = cells.durations.get(errorType) ?? this.#newDuration(cells, errorType)
    record(series, durationBoundaries, request.seconds, span)
    if (bytesIn !== undefined) {
      cells.bytesIn ??= this.bytesIn.add(cells.attributes)
      record(cells.bytesIn, sizeBoundaries, bytesIn)
    }
    if (bytesOut !== undefined) {
      cells.bytesOut ??= this.bytesOut.add(cells.attributes)
      record(cells.bytesOut, sizeBoundaries, bytesOut)
    }
    const second = Math.floor((request.at ?? this.#now()) / 1000)
    const slot = this.#seconds[second % windowSeconds]
    if (slot === undefined) return cells.attributes
    if (slot.second !== second) {
      slot.second = second
      slot.requests = 0
      slot.errors = 0
    }
    slot.requests++
    if (errorType !== undefined) slot.errors++
    return cells.attributes
  }

  /** What `http.server.active_requests` tells. */
  active(): readonly ActiveRequests[] {
    return this.#active.filter(({ used }) => used)
  }

  /** All requests since the start, in one histogram. */
  total(): HistogramCell {
    const total = histogramCell(durationBoundaries)
    for (const series of this.durations) merge(total, series)
    return total
  }

  /** The requests that ended within the last minute. */
  recent(): RecentRequests {
    const now = this.#now()
    const oldest = Math.floor(now / 1000) - windowSeconds
    let requests = 0
    let errors = 0
    for (const slot of this.#seconds) {
      if (slot.second <= oldest) continue
      requests += slot.requests
      errors += slot.errors
    }
    const seconds = Math.min(windowSeconds, Math.max(1, (now - this.#startedAt) / 1000))
    return { seconds, requests, errors }
  }

  #activeOf(method: MethodIndex, secure: boolean): ActiveRequests {
    return this.#active[method * 2 + (secure ? 1 : 0)] as ActiveRequests
  }

  #cellsOf(request: FinishedRequest): Cells {
    const { method, secure, route, status } = request
    const key = ((status ?? 0) * methodCount + method) * 2 + (secure ? 1 : 0)
    return this.#byRoute.get(route)?.get(key) ?? this.#newCells(request, key)
  }

  #newCells({ method, secure, route, status }: FinishedRequest, key: number): Cells {
    const attributes = {
      'http.request.method': methodName(method),
      'url.scheme': secure ? 'https' : 'http',
      ...(route !== undefined && { 'http.route': route }),
      ...(status !== undefined && { 'http.response.status_code': status }),
    }
    const cells = { attributes, durations: new Map(), bytesIn: undefined, bytesOut: undefined }
    const ofRoute = this.#byRoute.get(route) ?? new Map<number, Cells>()
    this.#byRoute.set(route, ofRoute.set(key, cells))
    return cells
  }

  #newDuration({ attributes, durations }: Cells, errorType: string | undefined): Series {
    const error = errorType === undefined ? undefined : this.#errorTypes.admit(errorType)
    const series =
      durations.get(error) ??
      this.durations.add(error === undefined ? attributes : { ...attributes, 'error.type': error })
    durations.set(error, series)
    return series
  }
}
