/**
 * A stand-in for the npm registry and for OSV's API, on a real socket of this machine.
 *
 * ```ts
 * const registry = await startRegistry({
 *   records: recordedAdvisories(),            // OSV records; its own fixtures, or a test's
 *   packages: { lodash: { versions: { '4.17.20': {}, '4.17.21': {} } } },
 * })
 * await scan({ registry: registry.url, osv: registry.url })
 * registry.break({ kind: 'status', status: 503 }, { times: 2 })   // then mended by itself
 * registry.break({ kind: 'hang' }, { at: 'bulk' })                // until registry.mend()
 * registry.requests                                               // what it was asked, in order
 * await registry.close()
 * ```
 *
 * It speaks npm's bulk advisory endpoint (a gzip body too, which npm sends), the registry's metadata
 * (abbreviated, and whole with times) and OSV's `querybatch` and `vulns`. All advisories come from the
 * same records: what npm's own `npm audit --registry=<url>` says of a lockfile can be compared with ours.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { bulkAnswer } from './bulk.ts'
import { answerWith, type Fault, send } from './faults.ts'
import { batchAnswer } from './osv-api.ts'
import { type MadeUpPackage, packument } from './packuments.ts'
import type { StandInRecord } from './records.ts'

export { type Fault, faultName } from './faults.ts'
export type { MadeUpPackage, MadeUpVersion } from './packuments.ts'
export { recordedAdvisories, recordedFolder, type StandInRecord } from './records.ts'

/** A part of the stand-in that can fail on its own. */
export type Part = 'bulk' | 'metadata' | 'querybatch' | 'vulns'

/** What a stand-in knows. */
export interface RegistryOptions {
  /** Advisories; withdrawn ones are not found by asking about a version. @default none */
  readonly records?: readonly StandInRecord[]
  /** Packages by name. @default none, so that every name is unknown to it */
  readonly packages?: Readonly<Record<string, MadeUpPackage>>
  /** Ids in a page of OSV's answers. @default 1,000 */
  readonly pageSize?: number
  /** Ids of withdrawn records that npm's side still lists, as npm's registry has done. @default none */
  readonly lagging?: readonly string[]
}

/** A request as it came in. */
export interface RecordedRequest {
  readonly part: Part | undefined
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The body, unzipped; empty where there was none. */
  readonly body: string
}

/** A running stand-in. */
export interface StandIn {
  /** The address of the registry and of OSV's API, without a slash at its end. */
  readonly url: string
  readonly requests: RecordedRequest[]
  /** Most requests that were being answered at one time. */
  readonly busiest: number
  /**
   * Fails from now on.
   *
   * @param where `at`: only one part, all by default; `times`: as often as that, until mended by default
   */
  break(fault: Fault, where?: { readonly at?: Part; readonly times?: number }): void
  /** Works again. */
  mend(): void
  close(): Promise<void>
}

/** Starts a stand-in on a free port. */
export async function startRegistry(options: RegistryOptions = {}): Promise<StandIn> {
  const requests: RecordedRequest[] = []
  let broken: { fault: Fault; at: Part | undefined; left: number } | undefined
  let url = ''
  let busy = 0
  let busiest = 0

  const faultOf = (part: Part) => {
    if (broken === undefined || (broken.at ?? part) !== part || broken.left <= 0) return undefined
    broken.left -= 1
    return broken.fault
  }
  const server = createServer((request, response) => {
    busiest = Math.max(busiest, ++busy)
    response.on('close', () => {
      busy -= 1
    })
    void received(request).then((asked) => {
      requests.push(asked)
      const body = asked.part && answer(options, url, asked)
      if (asked.part !== undefined && body !== undefined)
        answerWith(response, faultOf(asked.part), body)
      else unknown(response, asked.part && faultOf(asked.part))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    requests,
    get busiest() {
      return busiest
    },
    break: (fault, { at, times = Number.POSITIVE_INFINITY } = {}) => {
      broken = { fault, at, left: times }
    },
    mend: () => {
      broken = undefined
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function unknown(response: ServerResponse, fault: Fault | undefined) {
  if (fault === undefined) send(response, '{"error":"Not found"}', 404)
  else answerWith(response, fault, { error: 'Not found' })
}

async function received(request: IncomingMessage): Promise<RecordedRequest> {
  const { method = 'GET', url = '/', headers } = request
  const bytes = await buffer(request)
  const body = headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
  return { part: partOf(method, url), method, path: url, headers, body: body.toString('utf8') }
}

function partOf(method: string, path: string): Part | undefined {
  if (method === 'POST' && path === '/-/npm/v1/security/advisories/bulk') return 'bulk'
  if (method === 'POST' && path === '/v1/querybatch') return 'querybatch'
  if (method !== 'GET') return undefined
  if (path.startsWith('/v1/vulns/')) return 'vulns'
  return /^\/(?:@[^/]+(?:\/|%2f))?[^/@]+$/i.test(path) ? 'metadata' : undefined
}

/** The answer; undefined for what is not there. */
function answer(
  options: RegistryOptions,
  url: string,
  { part, path, body, headers }: RecordedRequest,
) {
  const { records = [], packages = {}, pageSize = 1000, lagging = [] } = options
  if (part === 'bulk') {
    const shown = records.filter(({ id, withdrawn }) => !withdrawn || lagging.includes(id))
    return bulkAnswer(shown, JSON.parse(body))
  }
  if (part === 'querybatch') return batchAnswer(records, JSON.parse(body).queries, pageSize)
  const name = decodeURIComponent(path.slice(path.lastIndexOf('/v1/vulns/') === 0 ? 10 : 1))
  if (part === 'vulns') return records.find(({ id }) => id === name)
  const made = Object.hasOwn(packages, name) ? packages[name] : undefined
  const whole = !String(headers['accept']).includes('application/vnd.npm.install-v1+json')
  return made && packument(url, name, made, whole)
}
