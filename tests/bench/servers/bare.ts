/** Bare Elysia: the same routes without any hook, which every ratio is measured against. */
import { Elysia, t } from 'elysia'
import { listen } from './listen.ts'

// Unknown members are refused, not dropped.
const app = new Elysia({ normalize: false })
  .get('/', () => ({ name: 'Caly', version: '0.1.0', docs: '/docs' }))
  .get('/api', () => ({ name: 'Caly', version: '0.1.0', docs: '/docs' }))
  .post('/echo', ({ body }) => body, {
    body: t.Object(
      {
        to: t.String({ pattern: '^\\+[1-9]\\d{6,14}$' }),
        note: t.Optional(t.String({ maxLength: 200 })),
      },
      { additionalProperties: false },
    ),
  })
listen(app)
