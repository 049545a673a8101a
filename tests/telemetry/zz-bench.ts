import { Elysia } from 'elysia'
import { context, trace, ROOT_CONTEXT, SpanKind, metrics } from '@opentelemetry/api'
import { requestTelemetry, type RequestDescription } from '../../telemetry/index.ts'
import { telemetryWith } from './support.ts'
const E = 'http://127.0.0.1:4999'
const describe = (): RequestDescription => ({ route: '/calls/:id', clientAddress: '127.0.0.1', scheme: 'http', requestId: '0193aaaa-aaaa', clientId: 'c1' })
const build = (t: any) => new Elysia().use(requestTelemetry(t, { describe })).get('/calls/:id', () => 'ok')
const off = await telemetryWith({ OTEL_SDK_DISABLED: 'true' })
const noExport = await telemetryWith()
const unsampled = await telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: E, OTEL_TRACES_SAMPLER: 'always_off' })
const tenth = await telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: E, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' })
const sampled = await telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: E })
// SDK spans all the way, for comparison
const sdkT = await telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: E })
const tracer = sdkT.tracerProvider.getTracer('x'); const hist = sdkT.meter.createHistogram('h'); const act = sdkT.meter.createUpDownCounter('a')
const sdkApp = new Elysia().wrap((h, r) => (...a: any[]) => {
  const start = performance.now(); act.add(1, { m: r.method, s: 'http' })
  const span = tracer.startSpan('', { kind: SpanKind.SERVER }, ROOT_CONTEXT)
  const res: any = context.with(trace.setSpan(ROOT_CONTEXT, span), () => (h as any)(...a))
  const d = describe()
  span.updateName(r.method + ' ' + d.route).setAttributes({ 'http.request.method': r.method, 'url.path': d.route!, 'url.scheme': 'http', 'http.route': d.route!, 'http.response.status_code': res.status, 'client.address': d.clientAddress!, 'caly.request.id': d.requestId!, 'caly.client.id': d.clientId! })
  span.end(); act.add(-1, { m: r.method, s: 'http' })
  hist.record((performance.now() - start) / 1000, { 'http.request.method': r.method, 'url.scheme': 'http', 'http.route': d.route!, 'http.response.status_code': res.status })
  return res }).get('/calls/:id', () => 'ok')
const apps: Record<string, any> = { off: build(off), noExport: build(noExport), unsampled: build(unsampled), tenth: build(tenth), sampled: build(sampled), sdkSpans: sdkApp }
const url = 'http://localhost/calls/1'
const N = 4000
async function round(app: any) {
  const t = performance.now(); const c = process.cpuUsage()
  for (let i = 0; i < N; i++) { const r = app.handle(new Request(url)); if (r instanceof Promise) await r; if (i % 200 === 0) await new Promise(r => setImmediate(r)) }
  const cc = process.cpuUsage(c)
  return [(performance.now() - t) * 1000 / N, (cc.user + cc.system) / N]
}
const res: Record<string, number[]> = {}; const cpu: Record<string, number[]> = {}
for (let k = 0; k < 25; k++) for (const [n, a] of Object.entries(apps)) { const [w, c] = await round(a); await new Promise(r => setTimeout(r, 60)); if (k > 3) { (res[n] ??= []).push(w!); (cpu[n] ??= []).push(c!) } }
const med = (x: number[]) => x.sort((a, b) => a - b)[x.length >> 1]!
for (const n of Object.keys(apps)) console.log(n.padEnd(10), 'wall', med(res[n]!).toFixed(2), '+' + (med(res[n]!) - med(res.off!)).toFixed(2), 'cpu', med(cpu[n]!).toFixed(2))
process.exit(0)
