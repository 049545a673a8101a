/**
 * A collector that takes spans and forgets them, in a process of its own. `DELAY` milliseconds pass
 * before each answer; with `COUNT` it counts the spans, and tells at `/`.
 */
import { createServer } from 'node:http'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { countSpans } from '../support/otlp-messages.ts'

const delay = Number(process.env['DELAY'] ?? 0)
const counts = process.env['COUNT'] !== undefined
let spans = 0

createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(String(spans))
    return
  }
  const chunks: Uint8Array[] = []
  request.on('data', (chunk: Uint8Array) => {
    if (counts) chunks.push(chunk)
  })
  request.on('end', () => {
    const answer = () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
    if (counts) spans += countSpans(Buffer.concat(chunks))
    if (delay === 0) answer()
    else void pause(delay).then(answer)
  })
}).listen(Number(process.env['PORT']), '127.0.0.1')
