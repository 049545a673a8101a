import { type } from 'arktype'
import { Elysia } from 'elysia'
import type { Authentication } from '../auth/index.ts'
import { problems } from '../hooks/problem-details/index.ts'
import { currentRequest } from '../hooks/request-context/index.ts'
import { accepts, answers, answersNothing } from '../hooks/validation/index.ts'
import { idempotencyKey } from './idempotency.ts'
import {
  call,
  callChange,
  callListQuery,
  callPage,
  callParams,
  callSearch,
  callStats,
  callWithEvents,
  newCall,
  statsQuery,
} from './schemas.ts'
import type { CallService } from './service.ts'
import { periodOf } from './stats.ts'

/** Options of {@linkcode callRoutes}. */
export interface CallRoutesOptions {
  readonly authentication: Authentication
  readonly service: CallService
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
}

const tags = ['Calls']
const params = accepts('params', callParams)
/** Streamed through as it comes. */
const audio = {
  ...answers(type('string').describe('binary')),
  ...{ 'x-media-type': ['audio/mpeg', 'audio/wav', 'application/octet-stream'] },
}

/** `/api/calls`: placing calls and following them. */
export function callRoutes({ authentication, service, now = Date.now }: CallRoutesOptions) {
  return new Elysia({ name: 'caly/calls', prefix: '/api/calls' })
    .use(authentication)
    .get('', ({ principal, query }) => service.list(principal.clientId, query), {
      scope: 'calls:read',
      query: accepts('query', callListQuery),
      response: { 200: answers(callPage), ...problems(401, 403, 422, 429, 503) },
      detail: { tags, operationId: 'listCalls', summary: 'List calls, newest first' },
    })
    .post('/search', ({ principal, body }) => service.list(principal.clientId, body), {
      scope: 'calls:read',
      body: accepts('body', callSearch),
      response: { 200: answers(callPage), ...problems(400, 401, 403, 415, 422, 429, 503) },
      detail: {
        tags,
        operationId: 'searchCalls',
        summary: 'Find calls by a number on either side',
      },
    })
    .get(
      '/stats',
      ({ principal, query }) => service.stats(principal.clientId, periodOf(query, now())),
      {
        scope: 'calls:read',
        query: accepts('query', statsQuery),
        response: { 200: answers(callStats), ...problems(401, 403, 422, 429, 503) },
        detail: {
          tags,
          operationId: 'getCallStats',
          summary: 'Figures by day, status and direction',
        },
      },
    )
    .get('/:id', ({ principal, params }) => service.get(principal.clientId, params.id), {
      scope: 'calls:read',
      params,
      response: { 200: answers(callWithEvents), ...problems(401, 403, 404, 429, 503) },
      detail: { tags, operationId: 'getCall', summary: 'A call with its events, oldest first' },
    })
    .get(
      '/:id/recording',
      async ({ principal, params, request }) => {
        if (request.method === 'HEAD') {
          await service.recordingKnown(principal.clientId, params.id)
          // Elysia would read all of it to tell its length.
          return new Response(null)
        }
        const signal = currentRequest()?.signal ?? request.signal
        const recording = await service.recording(principal.clientId, params.id, signal)
        const { contentType, length, body } = recording
        const size = length !== undefined && { 'content-length': String(length) }
        return new Response(body, { headers: { 'content-type': contentType, ...size } })
      },
      {
        scope: 'recordings:read',
        params,
        response: { 200: audio, ...problems(401, 403, 404, 429, 502, 503, 504) },
        detail: {
          tags,
          operationId: 'getRecording',
          summary: 'The recording of a call',
          description:
            'Streamed through as it comes. A client has eight recordings at a time (503); one that nobody reads on for 30 seconds is cut off.',
        },
      },
    )
    .post(
      '',
      async ({ principal, body, headers, set }) => {
        const key = idempotencyKey(headers['idempotency-key'])
        const { call, replayed } = await service.create(principal.clientId, body, key)
        if (replayed) set.headers['idempotent-replayed'] = 'true'
        set.headers['location'] = `/api/calls/${call.id}`
        set.status = 202
        return call
      },
      {
        scope: 'calls:write',
        body: accepts('body', newCall),
        response: {
          202: answers(call),
          ...problems(400, 401, 403, 404, 409, 415, 422, 429, 503),
        },
        detail: {
          tags,
          operationId: 'placeCall',
          summary: 'Place a call',
          description:
            'Rings `from`, then `to`. With an Idempotency-Key it is placed once: the same key and body get the same answer for 24 hours, marked `Idempotent-Replayed: true`, and 404 once the call was erased.',
          parameters: [
            {
              name: 'Idempotency-Key',
              in: 'header',
              required: false,
              schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
            },
          ],
        },
      },
    )
    .patch(
      '/:id',
      ({ principal, params, body }) => service.update(principal.clientId, params.id, body),
      {
        scope: 'calls:write',
        params,
        body: accepts('body', callChange),
        response: { 200: answers(call), ...problems(400, 401, 403, 404, 415, 422, 429, 503) },
        detail: { tags, operationId: 'updateCall', summary: 'Change notes and tags' },
      },
    )
    .delete(
      '/:id',
      async ({ principal, params }) => {
        await service.erase(principal.clientId, params.id)
        // A `Response`: for a bare 204 Elysia makes one with an empty body, which Deno refuses.
        return new Response(null, { status: 204 })
      },
      {
        scope: 'calls:write',
        params,
        response: { 204: answersNothing, ...problems(401, 403, 404, 429, 503) },
        detail: {
          tags,
          operationId: 'eraseCall',
          summary: 'Erase a call and all personal data about it',
        },
      },
    )
}
