import { readFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { openTarget } from '../../../src/readiness/index.ts'
import { makeCertificate } from '../../support/certificate.ts'
import { answering, brokenProxy, ownAnswer } from '../broken-proxy.ts'
import type { House } from '../house.ts'
import { type Mutant, proxied, type Stage } from '../mutant.ts'

/** Where nothing is spoken but TLS, as its options say: what is asked over it is not answered. */
async function tlsAt(
  files: { readonly cert: string; readonly key: string },
  options: { readonly maxVersion?: 'TLSv1.2' } = {},
): Promise<{ readonly url: URL; readonly ca: string; close(): Promise<void> }> {
  const [cert, key] = await Promise.all([readFile(files.cert, 'utf8'), readFile(files.key, 'utf8')])
  const server = createTlsServer({ cert, key, ...options }, (socket) => {
    socket.on('error', () => undefined)
    socket.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    ...{ url: new URL(`https://localhost:${port}`), ca: cert },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

const withTls = (
  what: string,
  reds: Mutant['reds'],
  open: (house: House) => ReturnType<typeof tlsAt>,
): Mutant => ({
  what,
  reds,
  async stage(house): Promise<Stage> {
    const { url, ca, close } = await open(house)
    return { context: { tls: { url, ca } }, undo: close }
  },
})

/** The first bytes of a server that goes along with TLS 1.1. */
const oldServer = Buffer.from([22, 3, 2, 0, 4, 2, 0, 0, 0])

const isRaw = (pattern: RegExp) => (request: string) => pattern.test(request)
const served = ownAnswer('200 OK', '{}')

/** What proxies and operators do to connections and requests. */
export const transportMutants: readonly Mutant[] = [
  {
    what: 'an address without TLS',
    reds: ['transport.https', 'transport.plain-http'],
    async stage({ url }) {
      const proxy = await brokenProxy(url, {})
      return { context: { target: openTarget(proxy.url), tls: undefined }, undo: proxy.close }
    },
  },
  {
    what: 'a proxy that answers plain HTTP as well',
    reds: ['transport.plain-http'],
    async stage({ url, ca }) {
      const proxy = await brokenProxy(url, {})
      return {
        context: { target: openTarget(url, { ca, plainUrl: proxy.url }) },
        undo: proxy.close,
      }
    },
  },
  {
    what: 'a certificate by nobody who is trusted',
    reds: ['transport.certificate-trusted'],
    stage: ({ url }) => ({ context: { tls: { url } } }),
  },
  withTls('a certificate that ends in a week', ['transport.certificate-lasts'], ({ folder }) =>
    tlsAt(makeCertificate(folder, 7, 'short')),
  ),
  withTls('a proxy that speaks TLS 1.2 at most', ['transport.tls-newest'], ({ folder }) =>
    tlsAt(makeCertificate(folder, 60, 'old'), { maxVersion: 'TLSv1.2' }),
  ),
  {
    what: 'a server that goes along with TLS 1.1',
    reds: ['transport.tls-versions'],
    async stage({ url, ca }) {
      // Greetings of today go to the service, old ones are taken.
      const server = createServer((client) => {
        client.on('error', () => undefined)
        client.once('data', (greeting: Buffer) => {
          if (greeting[9] === 3 && greeting[10] === 2) return void client.end(oldServer)
          const upstream = connect(Number(url.port), url.hostname)
          upstream.on('error', () => client.destroy())
          upstream.write(greeting)
          client.pipe(upstream).pipe(client)
        })
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      return {
        context: { tls: { url: new URL(`https://localhost:${port}`), ca } },
        undo: () => new Promise((resolve) => server.close(() => resolve())),
      }
    },
  },
  proxied('a proxy that calls the service by a name of its own', ['transport.host'], {
    request: (bytes) => bytes.replace(/^host: .*\r\n/im, 'Host: localhost\r\n'),
  }),
  proxied('a proxy that believes what strangers say about the host', ['transport.forwarded-host'], {
    answer: (bytes, request) => {
      const host = /^x-forwarded-host: (.*)\r\n/im.exec(request)?.[1]
      return host === undefined ? bytes : bytes.replace('\r\n', `\r\nLink: <https://${host}/>\r\n`)
    },
  }),
  proxied('a proxy that goes by the path that a stranger names', ['transport.forwarded-host'], {
    request: (bytes) =>
      bytes.replace(/^GET \S+((?:.|\r\n)*^x-original-url: (\S+)\r\n)/im, 'GET $2$1'),
  }),
  proxied(
    'a proxy that takes a length and chunks',
    ['transport.framing'],
    answering(isRaw(/content-length(.|\r\n)*transfer-encoding/i), served),
  ),
  proxied('a proxy that merges slashes', ['transport.paths'], {
    request: (bytes) => bytes.replace(/^GET \S+/, (line) => line.replaceAll('//', '/')),
  }),
  proxied('a proxy that decodes paths', ['transport.paths'], {
    request: (bytes) => bytes.replace(/^GET \/health%2Flive/, 'GET /health/live'),
  }),
  proxied(
    'a proxy that answers TRACE',
    ['transport.trace'],
    answering(isRaw(/^TRACE/), ownAnswer('200 OK', '')),
  ),
  proxied('a proxy that answers HEAD with a body', ['transport.head'], {
    answer: (bytes, request) =>
      request.startsWith('HEAD') ? bytes.replace('\r\n\r\n', '\r\n\r\n{"name":"Caly"}') : bytes,
  }),
  proxied(
    'a proxy that takes headers of any size',
    ['transport.header-size'],
    answering(isRaw(/^X-Readiness: x{1000}/im), served),
  ),
  proxied(
    'a proxy that takes any number of headers',
    ['transport.header-count'],
    answering(isRaw(/^X-100: y/im), served),
  ),
]
