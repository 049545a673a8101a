/** A service that leans on others, all of which are hostile: the provider of calls, and the registry of its scans. */
import { adminOf, type Client } from '../support/client.ts'
import { type Caly, eventually, freePort, startCaly } from '../support/process.ts'
import { type StandIn, type StandInRecord, startRegistry } from '../support/registry/index.ts'
import { type Canary, startCanary } from './canary.ts'
import { type HostileExotel, hostileExotel, type Order } from './hostile-exotel.ts'

/** The service, and whom it trusts. */
export interface Upstream {
  readonly caly: Caly
  readonly admin: Client
  readonly exotel: HostileExotel
  readonly registry: StandIn
  /** What the registry says of packages. */
  readonly records: StandInRecord[]
  /** The inside of the network, to which no hostile word may lead. */
  readonly canary: Canary
  /** Places a call. @returns its id, and the order as the provider got it */
  place(): Promise<{ readonly id: string; readonly order: Order }>
  /** A call that is over, by the provider's record, with what else that says. */
  recorded(fields: (sid: string) => object): Promise<string>
  /** Sends a callback to the address that an order names. */
  callBack(order: Order, fields: object | string, headers?: Record<string, string>): Promise<number>
  close(): Promise<void>
}

/** Starts it. */
export async function openUpstream(): Promise<Upstream> {
  const [exotel, canary] = await Promise.all([hostileExotel(), startCanary()])
  const records: StandInRecord[] = []
  const registry = await startRegistry({ records })
  const port = await freePort()
  const caly = await startCaly({
    env: {
      ...exotel.env,
      PORT: String(port),
      PUBLIC_URL: `http://localhost:${port}`,
      RECONCILE_AFTER: '500ms',
      SCAN_REGISTRY: registry.url,
      SCAN_OSV: registry.url,
      ...{ RATE_LIMIT_GLOBAL: 'off', RATE_LIMIT_API: 'off', RATE_LIMIT_WEBHOOK: 'off' },
      // What a busy machine refuses is not what is looked for.
      MAX_EVENT_LOOP_LAG: '60s',
    },
  })
  const admin = await adminOf(caly)

  async function place() {
    const body = { from: '+919876543210', to: '+919812345678', record: true }
    const { body: made } = await admin('POST', '/api/calls', body)
    const order = await eventually(
      async () => exotel.orders.find(({ CustomField }) => CustomField === made.id),
      (found) => found !== undefined,
    )
    if (order === undefined) throw new Error('The call was not ordered')
    return { id: made.id as string, order }
  }

  return {
    ...{ caly, admin, exotel, registry, records, canary, place },
    async recorded(fields) {
      const ended = {
        Status: 'completed',
        StartTime: '2026-01-15 14:25:12',
        EndTime: '2026-01-15 14:30:45',
      }
      exotel.answers.details = (sid) => ({
        body: exotel.call(sid, {
          ...ended,
          Details: { ConversationDuration: 320 },
          ...fields(sid),
        }),
      })
      const { id } = await place()
      await eventually(
        () => admin('GET', `/api/calls/${id}`),
        ({ body }) => body.status === 'completed',
      )
      return id
    },
    async callBack({ StatusCallback = '' }, fields, headers = {}) {
      const text = typeof fields === 'string' ? fields : JSON.stringify(fields)
      const type = { 'content-type': 'application/json' }
      const answer = await fetch(StatusCallback, {
        method: 'POST',
        body: text,
        headers: { ...type, ...headers },
      })
      await answer.text()
      return answer.status
    },
    async close() {
      await caly.stop()
      await Promise.all([exotel.close(), registry.close(), canary.close()])
    },
  }
}
