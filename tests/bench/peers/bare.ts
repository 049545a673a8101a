/** Bare Elysia: the same two routes without any hook, which every ratio is measured against. */
import process from 'node:process'
import { Elysia, t } from 'elysia'

// Unknown members are refused, not dropped.
new Elysia({ normalize: false })
  .get('/', () => ({ name: 'Caly', version: '0.1.0', docs: '/docs' }))
  .post('/echo', ({ body }) => body, {
    body: t.Object(
      {
        to: t.String({ pattern: '^\\+[1-9]\\d{6,14}$' }),
        note: t.Optional(t.String({ maxLength: 200 })),
      },
      { additionalProperties: false },
    ),
  })
  .listen({ hostname: '127.0.0.1', port: Number(process.env['PORT']) })
