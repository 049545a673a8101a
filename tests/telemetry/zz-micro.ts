import { context, trace, ROOT_CONTEXT } from '@opentelemetry/api'
import { RandomIdGenerator } from '@opentelemetry/sdk-trace'
import { telemetryWith } from './support.ts'
import { methodIndex } from '../../telemetry/http-method.ts'
const t = await telemetryWith()
const ids = new RandomIdGenerator()
const reqs = t.requests!
const N = 20000
const url='http://localhost/calls/1'
const d = { route: '/calls/:id' }
const describe = () => d
const span = reqs.start(new Request(url), describe).span
const res = new Response('ok')
const cases: Record<string, () => unknown> = {
  newRequest: () => new Request(url),
  headersGet: () => new Request(url).headers.get('traceparent'),
  methodUrl: () => { const r = new Request(url); return methodIndex(r.method) + (r.url.startsWith('https:') ? 1 : 0) },
  ids: () => ids.generateTraceId() + ids.generateSpanId(),
  times: () => performance.now() + performance.now() + Date.now(),
  contextWith: () => context.with(trace.setSpan(ROOT_CONTEXT, span), () => 1),
  start: () => reqs.start(new Request(url), describe),
  startEnd: () => { const r = reqs.start(new Request(url), describe); r.end(200) },
  status: () => res.status,
  instance: () => res instanceof Response,
}
const out: Record<string, number[]> = {}
for (let k = 0; k < 15; k++) for (const [n, f] of Object.entries(cases)) { const s = performance.now(); for (let i = 0; i < N; i++) f(); (out[n] ??= []).push((performance.now() - s) * 1000 / N) }
for (const n of Object.keys(cases)) console.log(n.padEnd(12), out[n]!.slice(3).sort((a, b) => a - b)[5]!.toFixed(3))
process.exit(0)
