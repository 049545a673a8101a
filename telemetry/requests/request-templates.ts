import { type Attributes, SpanKind } from '@opentelemetry/api'
import { otherName, type SeriesAttributes } from '../metrics/series.ts'
import type { SpanTemplate } from '../spans/span-template.ts'
import type { NamedServer } from './request-attributes.ts'

/** What stands for a path that no route matched: it is the client's text, secrets included. */
const unmatchedPath = '/REDACTED'

interface RequestTemplate extends SpanTemplate {
  readonly server: NamedServer | undefined
}

/**
 * What spans of requests of one route, method, status and server have in common, by the series that
 * counts them: there are never more of these. Seven of the ten attributes that a span has.
 */
export class RequestTemplates {
  readonly #known = new Map<SeriesAttributes, RequestTemplate>()
  readonly #valueLengthLimit: number

  /** @param valueLengthLimit characters of a value at most */
  constructor(valueLengthLimit: number) {
    this.#valueLengthLimit = valueLengthLimit
  }

  /** The template for a request that was counted in a series. */
  of(series: SeriesAttributes, server: NamedServer | undefined): SpanTemplate {
    const known = this.#known.get(series)
    if (known !== undefined && known.server === server) return known
    const made = this.#make(series, server)
    this.#known.set(series, made)
    return made
  }

  #make(series: SeriesAttributes, server: NamedServer | undefined): RequestTemplate {
    const { 'http.request.method': method, 'http.route': route } = series
    const verb = method === otherName ? 'HTTP' : String(method)
    const attributes: Attributes = { ...series, 'url.path': route ?? unmatchedPath }
    if (server !== undefined) attributes['server.address'] = server.address
    if (server?.port !== undefined) attributes['server.port'] = server.port
    for (const [name, value] of Object.entries(attributes))
      if (typeof value === 'string') attributes[name] = value.slice(0, this.#valueLengthLimit)
    return {
      name: route === undefined ? verb : `${verb} ${route}`,
      kind: SpanKind.SERVER,
      attributes,
      server,
      written: undefined,
    }
  }
}
