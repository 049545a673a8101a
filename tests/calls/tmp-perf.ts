import { openHouse } from './house.ts'
const silent = { name: 'exotel' as const, place: async ({ id }: { id: string }) => ({ outcome: 'placed' as const, providerCallId: id.replaceAll('-', '') }), details: async () => ({ found: false as const }), recording: async () => undefined, close: async () => {} }
const house = await openHouse({ provider: silent })
const q = (a: number[], p: number) => a.sort((x, y) => x - y)[Math.floor(a.length * p)]?.toFixed(1)
async function measure(name: string, n: number, conc: number, f: (i: number) => Promise<unknown>) {
  const times: number[] = []; let i = 0; const t0 = performance.now()
  await Promise.all(Array.from({ length: conc }, async () => { while (i < n) { const k = i++; const t = performance.now(); await f(k); times.push(performance.now() - t) } }))
  const total = performance.now() - t0
  console.log(name, `${Math.round(n / total * 1000)}/s`, 'p50', q(times, 0.5), 'p95', q(times, 0.95), 'p99', q(times, 0.99))
}
const ids: string[] = []
await measure('post call', 1000, 8, async (i) => { ids.push((await house.place('+919999900010')).id) })
const tp = performance.now(); for (;;) { const r = await house.rows(`select 1 from calls where status='queued' limit 1`); if (r.length === 0) break; await new Promise(r => setTimeout(r, 50)) }
console.log('all placed after', performance.now() - tp)
await measure('list 20', 1000, 8, async () => { await (await house.request('/api/calls')).text() })
await measure('get', 1000, 8, async (i) => { await house.read(ids[i % ids.length] ?? '') })
await measure('callback', 1000, 8, async (i) => {
  const id = ids[i] ?? ''
  const form = new FormData()
  for (const [k, v] of Object.entries({ CallSid: id.replaceAll('-', ''), EventType: 'terminal', Status: 'completed', ConversationDuration: '12', CustomField: id, 'Legs[0][Status]': 'completed', 'Legs[1][Status]': 'completed', StartTime: '2026-01-15 14:25:12', EndTime: '2026-01-15 14:30:45' })) form.set(k, v)
  const r = await house.callback(id, { body: form }); if (r.status !== 200) throw new Error(String(r.status)); await r.text()
})
const t = performance.now(); await house.service.settled(); console.log('settled', performance.now() - t)
console.log(await house.rows('select status, count(*)::int from calls group by 1'), house.errors.slice(0, 2))
if (process.env['TEST_DATABASE_URL']) {
  await house.rows(`insert into calls (id, client_id, status, direction, provider, created_at, duration_seconds) select gen_random_uuid(), $1, (array['completed','completed','busy','no-answer','failed'])[1 + (i % 5)], 'outbound', 'exotel', now() - (i % 2592000) * interval '1 second', i % 600 from generate_series(1, 1000000) i`, [house.clientId])
  await house.rows('analyze calls')
  await measure('stats 1M, 30 days', 5, 1, async () => { await (await house.request('/api/calls/stats')).text() })
  const d = new Date(Date.now() - 86400000).toISOString()
  await measure('stats 1 day', 20, 1, async () => { await (await house.request(`/api/calls/stats?from=${encodeURIComponent(d)}`)).text() })
}
await house.close()
