/** The runtime's own server, and nothing else: what Elysia itself is measured against. */
import { listen } from './listen.ts'

listen({ fetch: () => Response.json({ name: 'Caly', version: '0.1.0', docs: '/docs' }) })
