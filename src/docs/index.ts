import { swagger } from '@elysiajs/swagger'
import { type AnyElysia, Elysia } from 'elysia'
import { NotFoundError } from '../errors.ts'
import { type Asset, page, pagePolicy, readAsset } from './assets.ts'
import { type HookAnswers, tidyDocument } from './document.ts'
import type { Json } from './json.ts'
import { introduction, tags } from './tags.ts'

export type { HookAnswers, OperationName } from './document.ts'

/** Options of {@linkcode docs}. */
export interface DocsOptions {
  readonly version: string
  /** What requests can be answered before they reach a route. @default nothing */
  readonly hookAnswers?: HookAnswers
  /** What requests have to pass. @default nothing */
  readonly guard?: AnyElysia
}

const html = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': pagePolicy }

/** The assets change with the package only. */
const assetCaching = 'public, max-age=3600'

const hidden = { detail: { hide: true } }

/** The API reference: a page at `/docs` that works offline, the document at `/docs/json`. */
export function docs({ version, hookAnswers, guard = new Elysia() }: DocsOptions) {
  const generator = swagger({
    provider: 'swagger-ui',
    path: '/docs',
    specPath: '/docs/json',
    exclude: [/^\/docs/],
    documentation: {
      info: {
        title: 'Caly',
        version,
        description: introduction,
        license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' },
      },
      // Wherever the document was found: "Try it out" may ask nobody else.
      servers: [{ url: '/' }],
      tags: [...tags],
      components: {
        securitySchemes: {
          bearerAuth: {
            type: 'http',
            scheme: 'bearer',
            description: 'An access token or an API key',
          },
          apiKeyAuth: {
            type: 'apiKey',
            in: 'header',
            name: 'X-API-Key',
            description: 'An API key: caly_live_…',
          },
        },
      },
    },
  })
  const document = once(async () => {
    const response = await generator.handle(new Request('http://localhost/docs/json'))
    return tidyDocument((await response.json()) as Json, hookAnswers)
  })
  const assets = new Map<string, Promise<Asset | undefined>>()

  // The generator's own page loads scripts from a CDN, and its document is not valid: the routes
  // below take the place of both.
  return new Elysia({ name: 'caly/docs' })
    .use(generator)
    .use(guard)
    .get('/docs', () => new Response(page, { headers: html }), hidden)
    .get('/docs/json', () => document(), hidden)
    .get(
      '/docs/assets/:name',
      async ({ params: { name } }) => {
        const asset = await (assets.get(name) ?? readAsset(name))
        if (asset === undefined) throw new NotFoundError('There is nothing at this path')
        assets.set(name, Promise.resolve(asset))
        return new Response(asset.body, {
          headers: { 'content-type': asset.contentType, 'cache-control': assetCaching },
        })
      },
      hidden,
    )
}

/** Runs `make` at the first call; a failure is not kept. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => {
    made ??= make().catch((cause: unknown) => {
      made = undefined
      throw cause
    })
    return made
  }
}
