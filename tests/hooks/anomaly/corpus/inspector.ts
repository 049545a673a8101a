import { Elysia } from 'elysia'
import {
  type AnomalyOptions,
  anomalyInspection,
  type Finding,
  type Place,
} from '../../../../src/hooks/anomaly/index.ts'

/** What the plugin told of one text, and the status that the app answered. */
export interface Inspection {
  readonly findings: readonly Finding[]
  readonly status: number
}

/** Sends a text through the plugin in its place, and says what came of it. */
export type Inspect = (place: Place, value: string) => Promise<Inspection>

const origin = 'http://localhost'

/** What a client asks with, beside the text: the same for every text. */
const headers = { accept: 'application/json', 'user-agent': 'caly-corpus/1.0' }

/**
 * An app with one route for every place, and the plugin before them, or without it. Elysia reads
 * only what is asked for: so that both read the same, the handlers ask.
 */
export const appOf = (options: AnomalyOptions) =>
  new Elysia()
    .use(anomalyInspection(options))
    .get('/query', ({ query }) => typeof query)
    .get('/header', ({ headers }) => typeof headers)
    .get('/path/:segment', ({ params }) => typeof params)
    .post('/body', ({ body, query, headers }) => typeof body + typeof query + typeof headers)

/**
 * The way through the real plugin, which only tells. One text at a time.
 *
 * @throws what the detection itself failed by, which the plugin keeps from clients
 */
export function inspector(): Inspect {
  let told: Finding[] = []
  let faults: unknown[] = []
  const app = appOf({
    mode: 'monitor',
    onFindings: (findings) => told.push(...findings),
    onError: (fault) => faults.push(fault),
  })
  return async (place, value) => {
    told = []
    faults = []
    const { status } = await app.handle(requestOf(place, value))
    if (faults.length > 0) throw faults[0]
    return { findings: told, status }
  }
}

/** The request that carries a text: as one parameter, one segment, one string, or the user agent. */
export function requestOf(place: Place, value: string): Request {
  if (place === 'body')
    return new Request(`${origin}/body`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ value }),
    })
  if (place === 'header')
    return new Request(`${origin}/header`, {
      headers: { ...headers, 'user-agent': headerValue(value) },
    })
  const encoded = encodeURIComponent(value.toWellFormed())
  return new Request(`${origin}/${place}${place === 'path' ? '/' : '?q='}${encoded}`, { headers })
}

/** What a header cannot carry (RFC 9110 §5.5) is percent-encoded, and no more than that. */
const headerValue = (value: string): string =>
  value.toWellFormed().replace(/[^\x20-\x7e]+/g, encodeURIComponent)
