import { describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { sizedAnswers } from '../../src/hooks/sized-answers.ts'

const app = new Elysia()
  .onRequest(({ set }) => {
    set.headers['x-set'] = 'before'
  })
  .use(sizedAnswers())
  .onError(({ code }) => new Response(String(code), { status: 500 }))
  .get('/object', () => ({ greeting: 'Grüße' }))
  .get('/list', async () => [1, 2])
  .get('/text', () => 'Grüße')
  .get('/created', ({ status }) => status(201, { id: 1 }))
  .get('/own', () => new Response('own', { headers: { 'content-type': 'text/x-own' } }))
  .get('/unwritable', () => ({ count: 1n }))

const ask = (path: string, method = 'GET') =>
  app.handle(new Request(`http://localhost${path}`, { method }))

describe('sizedAnswers()', () => {
  test('leaves a type that a handler has written in other letters', async () => {
    const lettered = new Elysia().use(sizedAnswers()).get('/', ({ set }) => {
      set.headers['Content-Type'] = 'text/html'
      return '<p>'
    })
    for (let turn = 0; turn < 3; turn++) {
      const { headers } = await lettered.handle(new Request('http://localhost/'))
      expect(headers.get('content-type')).toBe('text/html')
    }
  })

  test('leaves an object of which nothing is to be written', async () => {
    const silent = new Elysia().use(sizedAnswers()).get('/', () => ({ toJSON: () => undefined }))
    expect((await silent.handle(new Request('http://localhost/'))).status).toBe(200)
  })

  for (const [path, status, type, body] of [
    ['/object', 200, 'application/json', '{"greeting":"Grüße"}'],
    ['/list', 200, 'application/json', '[1,2]'],
    ['/text', 200, 'text/plain;charset=utf-8', 'Grüße'],
    ['/created', 201, 'application/json', '{"id":1}'],
  ] as const)
    test(`says how many bytes ${path} has, also to HEAD`, async () => {
      const response = await ask(path)
      const size = String(Buffer.byteLength(body))
      expect(await response.text()).toBe(body)
      expect(response.status).toBe(status)
      expect(response.headers.get('content-type')).toBe(type)
      expect(response.headers.get('content-length')).toBe(size)
      expect(response.headers.get('x-set')).toBe('before')
      expect((await ask(path, 'HEAD')).headers.get('content-length')).toBe(size)
    })

  test("leaves a handler's own response alone", async () => {
    const response = await ask('/own')
    expect(await response.text()).toBe('own')
    expect(response.headers.get('content-type')).toBe('text/x-own')
    expect(response.headers.get('content-length')).toBeNull()
  })

  test('leaves what cannot be written as JSON to the error handler, without a size', async () => {
    const response = await ask('/unwritable')
    expect(response.status).toBe(500)
    expect(response.headers.get('content-length')).toBeNull()
  })
})
