/** Caly, but for what `DIFFERENCE` says: the comparison has to find it. */
import process from 'node:process'
import { app } from '../servers/caly-app.ts'
import { listen } from '../servers/listen.ts'

type Change = (response: Response) => Response

const without =
  (header: string): Change =>
  (response) => {
    response.headers.delete(header)
    return response
  }

/** By status: what is answered otherwise. */
const differences: Readonly<Record<string, Readonly<Record<number, Change>>>> = {
  none: {},
  'no X-Frame-Options on a 404': { 404: without('x-frame-options') },
  'a wrong body is answered 400': {
    422: ({ body, headers }) => new Response(body, { status: 400, headers }),
  },
  'a 429 without Retry-After': { 429: without('retry-after') },
}

const changes = differences[process.env['DIFFERENCE'] ?? 'none']

listen({
  async fetch(request) {
    const response = await app.fetch(request)
    return changes?.[response.status]?.(response) ?? response
  },
})
