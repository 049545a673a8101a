/** The connection: whether it is encrypted, by what, and for how long. */
import type { TLSSocket } from 'node:tls'
import { check, looked, type SecureAddress } from '../check.ts'
import { isAddress } from '../http.ts'
import { openTarget } from '../target.ts'
import { dial, exchange } from '../wire.ts'

/** Days in which somebody must still have time to renew a certificate. */
const leastDays = 14

/** Milliseconds that a handshake may take. */
const patience = 5000

const day = 86_400_000

interface Handshake {
  readonly trusted: boolean
  readonly reason: string
  readonly validTo: Date
  readonly version: string
}

/** Shakes hands, believes anything, and says what there was to believe. */
function handshake({ url, ca }: SecureAddress): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const socket = dial(url, { verify: false, ca }) as TLSSocket
    socket.setTimeout(patience, () => socket.destroy(new Error('no handshake in time')))
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      const { valid_to: validTo } = socket.getPeerCertificate()
      const reason = socket.authorizationError
      resolve({
        trusted: socket.authorized,
        reason: String(reason instanceof Error ? reason.message : (reason ?? 'trusted')),
        validTo: new Date(validTo),
        version: socket.getProtocol() ?? 'unknown',
      })
      socket.destroy()
    })
  })
}

/**
 * The greeting of a client that knows TLS 1.1 at most (RFC 4346 §7.4.1.2), byte by byte: libraries of
 * today do not say it any more.
 */
function oldGreeting(): Uint8Array {
  const suites = [0xc0, 0x13, 0xc0, 0x14, 0xc0, 0x09, 0xc0, 0x0a, 0x00, 0x2f, 0x00, 0x35]
  const groups = [0, 10, 0, 8, 0, 6, 0, 23, 0, 24, 0, 25, 0, 11, 0, 2, 1, 0]
  const random = [...crypto.getRandomValues(new Uint8Array(32))]
  const body = [3, 2, ...random, 0, 0, suites.length, ...suites, 1, 0, 0, groups.length, ...groups]
  const message = [1, 0, body.length >> 8, body.length & 255, ...body]
  return Uint8Array.from([22, 3, 1, message.length >> 8, message.length & 255, ...message])
}

const certificate =
  'Renew the certificate, or have what renews it looked after; restart Caly where TLS_CERT names it'

/** Encryption. */
export const tlsChecks = [
  check({
    id: 'transport.https',
    title: 'The service is reached over HTTPS',
    why: 'Over plain HTTP whoever is on the way reads keys, tokens and telephone numbers, and changes answers',
    fix: 'Set PUBLIC_URL to an https:// address: TLS_CERT and TLS_KEY, or a proxy that ends TLS and is named in TRUSTED_PROXIES',
    ...{ api: [2, 8], asvs: ['V12.2.1'], needs: [] },
    run: ({ target }) => [
      looked('the address', target.url.protocol, target.url.protocol === 'https:'),
    ],
  }),
  check({
    id: 'transport.plain-http',
    title: 'Plain HTTP is not answered with anything but the way to HTTPS',
    why: 'A client that is configured wrongly would send its key in the clear for ever, and never learn of it',
    fix: 'Leave FORCE_HTTPS on, and name your proxy in TRUSTED_PROXIES, so that Caly knows which requests came over HTTPS',
    ...{ api: [2, 8], asvs: ['V12.2.1'], needs: [] },
    async run({ target: { plainUrl } }) {
      const plain = openTarget(plainUrl)
      const answer = await plain.ask({ path: '/api' }).catch(() => undefined)
      const sent = 'GET /api over plain HTTP'
      if (answer === undefined) return [{ sent, received: 'no answer', good: true }]
      const [location = ''] = answer.headers.get('location') ?? []
      const received = location === '' ? String(answer.status) : `${answer.status}; ${location}`
      return [{ sent, received, good: answer.status >= 300 && isWayOut(answer.status, location) }]
    },
  }),
  check({
    id: 'transport.certificate-trusted',
    title: 'The certificate is one that this machine trusts, for this name',
    why: 'Clients that have to ignore the certificate talk to anybody who claims to be this service',
    fix: 'Serve the whole chain of a certificate for the host of PUBLIC_URL, from an authority that your clients trust (or tell this machine of yours with NODE_EXTRA_CA_CERTS)',
    ...{ api: [8], asvs: ['V12.2.2'], needs: ['tls'] },
    async run({ tls }) {
      const { trusted, reason } = await handshake(tls)
      return [looked('a TLS handshake', reason, trusted && !isAddress(tls.url))]
    },
  }),
  check({
    id: 'transport.certificate-lasts',
    title: `The certificate is good for ${leastDays} days more at least`,
    why: 'On the day on which it ends nobody is answered any more',
    fix: certificate,
    ...{ api: [8], asvs: ['V12.2.2'], needs: ['tls'] },
    async run({ tls }) {
      const { validTo } = await handshake(tls)
      const days = Math.floor((validTo.getTime() - Date.now()) / day)
      return [looked('the certificate’s last day', `in ${days} days`, days >= leastDays)]
    },
  }),
  check({
    id: 'transport.tls-versions',
    title: 'TLS 1.1 and older are refused',
    why: 'Their ciphers and hashes can be broken by whoever is on the way',
    fix: 'Caly takes TLS 1.2 and newer alone: set the same in the proxy in front (nginx: ssl_protocols TLSv1.2 TLSv1.3)',
    ...{ api: [8], asvs: ['V12.1.1'], needs: ['tls'] },
    async run({ tls: { url } }) {
      const plain = new URL(`http://${url.hostname}:${url.port || 443}`)
      const received = await exchange(plain, oldGreeting(), {
        verify: false,
        isComplete: (text) => text.length > 5,
      })
      // A handshake record that is no alert: the server goes along with the old version.
      const agreed = received.charCodeAt(0) === 22
      return [looked('a TLS 1.1 greeting', agreed ? 'it was taken' : 'it was refused', !agreed)]
    },
  }),
  check({
    id: 'transport.tls-newest',
    title: 'TLS 1.3 is spoken',
    why: 'It hides more, has no weak cipher to choose, and costs one round trip less',
    fix: 'Let the proxy in front speak TLS 1.3 (nginx: ssl_protocols TLSv1.2 TLSv1.3)',
    ...{ api: [8], asvs: ['V12.1.1'], needs: ['tls'] },
    async run({ tls }) {
      const { version } = await handshake(tls)
      return [looked('a TLS handshake', version, version === 'TLSv1.3')]
    },
  }),
] as const

/** To HTTPS, or nowhere: a proxy's refusal says nothing that is secret. */
const isWayOut = (status: number, location: string): boolean =>
  status < 400 ? location.startsWith('https://') : status !== 401 && status !== 403
