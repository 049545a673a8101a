import { type } from 'arktype'
import { Elysia } from 'elysia'
import { requestOrigin } from '../audit/index.ts'
import { NotFoundError } from '../errors.ts'
import { readBody } from '../hooks/body-limit/index.ts'
import { problems } from '../hooks/problem-details/index.ts'
import type { LimitedContext, Limiter } from '../hooks/rate-limit/index.ts'
import { currentRequest } from '../hooks/request-context/index.ts'
import { accepts, answers } from '../hooks/validation/index.ts'
import type { RawMessage } from './exotel/message.ts'
import type { CallService } from './service.ts'

/** Options of {@linkcode webhookRoutes}. */
export interface WebhookRoutesOptions {
  readonly service: CallService
  /** Largest message in bytes. */
  readonly bodyLimit: number
  /** Over its quota, messages are stored as ever, and worked off later. */
  readonly limiter: Pick<Limiter, 'measure'>
  /** Looks at a message once it is stored; what it finds changes nothing. @default nobody */
  readonly watch?: (request: Request, message: RawMessage, route: string) => Promise<void>
}

/** Routes whose body is read byte for byte, here: the app's parser must leave it alone. */
export const rawBodyRoutes = ['/api/webhooks/exotel/:secret'] as const

/**
 * `GET, POST /api/webhooks/exotel/:secret`: the provider is answered 200, whatever comes
 * (302 would steer a live call, 4xx burn the provider's retries). The message is stored by then. Only
 * what is over the limit is answered 413, and 503 where nothing can be stored.
 */
export function webhookRoutes({ service, bodyLimit, limiter, watch }: WebhookRoutesOptions) {
  const receive = async (context: LimitedContext, secret: string): Promise<Response> => {
    const { request } = context
    const address = currentRequest()?.clientAddress
    const caller = service.webhookCaller(secret, address)
    if (caller !== 'provider') {
      await service.rejectStranger(caller, address, requestOrigin())
      throw new NotFoundError('There is nothing at this path')
    }
    const soon = await limiter.measure(context)
    const message = {
      method: request.method,
      query: queryOf(request.url),
      contentType: request.headers.get('content-type') ?? '',
      body: await readBody(request, bodyLimit),
    }
    await service.receiveWebhook(message, soon)
    await watch?.(request, message, rawBodyRoutes[0])
    // Passthru reads text; status callbacks read nothing.
    return new Response('OK', { headers: { 'content-type': 'text/plain; charset=utf-8' } })
  }
  const documented = {
    params: accepts('params', type({ secret: 'string' })),
    response: { 200: text, ...problems(404, 413, 503) },
  }
  const tags = ['Webhooks']
  return new Elysia({ name: 'caly/webhooks', prefix: '/api/webhooks' })
    .get('/exotel/:secret', (context) => receive(context, context.params.secret), {
      ...documented,
      detail: { tags, operationId: 'receivePassthru', summary: 'Passthru of the provider' },
    })
    .post('/exotel/:secret', (context) => receive(context, context.params.secret), {
      // Byte for byte: JSON, multipart, urlencoded or none of these.
      parse: 'none',
      ...documented,
      detail: {
        tags,
        operationId: 'receiveCallback',
        summary: 'Status callbacks of the provider',
        description:
          'Whoever knows the secret is answered 200, whatever the message: JSON, a form or none of these. Only one over `BODY_LIMIT` is answered 413, and 503 where nothing can be stored.',
      },
    })
}

const text = { ...answers(type('string')), ...{ 'x-media-type': 'text/plain' } }

/** As it was sent: URLSearchParams would spell it anew. */
function queryOf(url: string): string {
  const start = url.indexOf('?')
  return start === -1 ? '' : url.slice(start + 1)
}
