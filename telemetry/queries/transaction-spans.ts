import {
  type Attributes,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { errorTypeOf, isSqlState } from '../error-type.ts'
import { isSampled } from '../requests/trace-context.ts'
import type { Telemetry } from '../telemetry.ts'

/** A connection that is held for several statements, as far as its span tells of it. */
interface HeldShaped {
  /** What became of the transaction. */
  readonly outcome: string | undefined
  /** What the first statement failed with that did. */
  readonly failure: unknown
}

/** A pool in the shape of `pg`'s client. */
interface PoolShaped {
  readonly connectionParameters: {
    readonly database: string
    readonly host?: string | undefined
    readonly port?: number | undefined
  }
}

/** A class whose `hold` hands work a connection of its own, and takes that back. */
export interface HoldingClass {
  readonly prototype: {
    hold(...args: never[]): Promise<unknown>
  }
}

/** Classes that were instrumented, with their own `hold`: the newest telemetry takes over. */
const originals = new WeakMap<HoldingClass, HoldingClass['prototype']['hold']>()

/**
 * Traces transactions: one internal span `transaction {database}` from the wait for a connection to
 * its return, in whose context the work runs, so that BEGIN, the queries, whatever else the work
 * causes, and COMMIT or ROLLBACK are its children. There is no convention for it but the names of
 * the database's attributes; `caly.db.transaction.outcome` is `committed`, `rolled_back` or
 * `unknown` (the connection broke at COMMIT).
 *
 * It is an error where no connection came, or a statement failed and the transaction with it. That
 * the work itself changed its mind, and rolled back, is none.
 *
 * As with queries, there is a span within a request's or a job's sampled trace only; all else costs
 * a look at the context.
 *
 * @param Pool its `hold` is replaced, once for all instances
 */
export function instrumentTransactions(
  { tracerProvider, exportsTraces }: Pick<Telemetry, 'tracerProvider' | 'exportsTraces'>,
  Pool: HoldingClass,
): void {
  const hold = originals.get(Pool) ?? Pool.prototype.hold
  originals.set(Pool, hold)
  Pool.prototype.hold = hold
  if (!exportsTraces) return

  const tracer = tracerProvider.getTracer('caly')
  Pool.prototype.hold = function traced(this: PoolShaped, ...args: unknown[]): Promise<unknown> {
    const [work, ...rest] = args as [(client: HeldShaped) => Promise<unknown>, ...unknown[]]
    const parent = context.active()
    if (!isSampled(parent)) return Reflect.apply(hold, this, args)
    const { database, host, port } = this.connectionParameters
    const span = tracer.startSpan(
      `transaction ${database}`,
      {
        kind: SpanKind.INTERNAL,
        attributes: {
          'db.system.name': 'postgresql',
          'db.namespace': database,
          ...(host !== undefined && { 'server.address': host }),
          ...(port !== undefined && { 'server.port': port }),
        },
      },
      parent,
    )
    let held: HeldShaped | undefined
    const noted = (client: HeldShaped) => {
      held = client
      return work(client)
    }
    return context.with(trace.setSpan(parent, span), async () => {
      try {
        return await Reflect.apply(hold, this, [noted, ...rest])
      } catch (error) {
        // Without a connection there was no transaction that could say what it failed with.
        if (held === undefined) fail(span, error)
        throw error
      } finally {
        end(span, held)
      }
    })
  }
}

function end(span: Span, held: HeldShaped | undefined): void {
  if (held?.outcome !== undefined) span.setAttribute('caly.db.transaction.outcome', held.outcome)
  if (held?.failure !== undefined && held.outcome !== 'committed') fail(span, held.failure)
  span.end()
}

function fail(span: Span, error: unknown): void {
  const errorType = errorTypeOf(error)
  const attributes: Attributes = { 'error.type': errorType }
  if (isSqlState(errorType)) attributes['db.response.status_code'] = errorType
  span.setAttributes(attributes).setStatus({ code: SpanStatusCode.ERROR })
}
