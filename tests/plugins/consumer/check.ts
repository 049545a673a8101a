/** What whoever installs the package sees of it: run by each runtime. */
import { equal, match, ok } from 'node:assert/strict'
import { app } from './app.ts'

const ask = (path: string, init?: RequestInit) =>
  app.handle(new Request(`http://localhost${path}`, init))
const post = (body: unknown) =>
  ask('/people', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
const statuses = [
  (await ask('/people/7')).status,
  (await ask('/nothing-here')).status,
  (await post({ name: 7 })).status,
  (await post({ name: 'x'.repeat(1_100_000) })).status,
]
equal(statuses.join(), '200,404,422,413')
const broken = await ask('/broken')
equal(broken.headers.get('content-type'), 'application/problem+json')
equal(broken.headers.get('x-content-type-options'), 'nosniff')
const problem: Record<string, unknown> = JSON.parse(await broken.text())
equal(problem['code'], 'INTERNAL_ERROR')
match(String(problem['requestId']), /^[0-9a-f-]{36}$/)
const headers = { authorization: 'Bearer a-long-secret' }
const metrics = await (await ask('/metrics', { headers })).text()
ok(metrics.includes('http_route="/people/:id"'))
equal((await ask('/')).status, 429)
