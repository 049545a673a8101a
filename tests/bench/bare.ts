/** Bare Elysia: the same route without any hook, which every ratio is measured against. */
import process from 'node:process'
import { Elysia } from 'elysia'

new Elysia()
  .get('/api', () => ({ name: 'Caly', version: '0.1.0', docs: '/docs' }))
  .listen({ hostname: '127.0.0.1', port: Number(process.env['PORT']) })
