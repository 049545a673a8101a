/** API7:2023. Everything that is an address, or could be taken for one, leads to the inside of the network. */
import { describe, expect, test } from 'bun:test'
import { hostname } from 'node:os'
import { sendRaw } from '../support/http.ts'
import { nobodysId, pathWith, surfaceOf, words } from './surface.ts'
import type { Upstream } from './upstream.ts'

/** This machine by other names than the provider's (`localhost`), each with the canary's port. */
const inside = (port: number) =>
  [
    ...words(
      '127.0.0.1 127.1 127.0.1 0 0.0.0.0 127.0.0.2 127.255.255.254 2130706433 0x7f000001 0x7f.1',
    ),
    ...words(
      '017700000001 0177.0.0.1 127.0.0.1. localhost. [::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1]',
    ),
    ...words(
      '[0:0:0:0:0:0:0:1] １２７.０.０.１ ①②⑦.⓪.⓪.① 127。0。0。1 127.0.0.1.nip.io localhost.localdomain',
    ),
    ...['localhost@127.0.0.1', 'localhost:80@127.0.0.1', 'localhost%00@127.0.0.1', hostname()],
  ].map((host) => `${host}:${port}`)

/** Addresses in which a careless reader sees the provider's host. */
const confusing = (port: number, provider: URL) => [
  `http://${provider.host}@127.0.0.1:${port}/`,
  `http://127.0.0.1:${port}#@${provider.host}/`,
  `http://127.0.0.1:${port}?@${provider.host}/`,
  `http://127.0.0.1:${port}\\@${provider.host}/`,
  `http://127.0.0.1:${port}/${provider.host}/`,
  `http:\\\\127.0.0.1:${port}/`,
  `http:127.0.0.1:${port}/`,
  `//127.0.0.1:${port}/`,
  `/\\127.0.0.1:${port}/`,
  `\t//127.0.0.1:${port}/`,
  `ht\ttp://127.0.0.1:${port}/`,
  `HTTP://127.0.0.1:${port}/`,
  `https://127.0.0.1:${port}/`,
  ...words('ftp gopher dict ldap ws tcp jar').map((scheme) => `${scheme}://127.0.0.1:${port}/`),
  ...words(
    'file:///etc/passwd file://localhost/etc/passwd data:audio/mpeg,inside blob:x javascript:1',
  ),
  ...words('http://169.254.169.254/latest/meta-data/ http://[fd00:ec2::254]/ http://metadata/'),
]

/** Registers its attempts. */
export function requestForgery(stage: Upstream): void {
  const { admin, caly, canary, exotel } = stage
  const { port } = canary
  const recordings = '/exotelrecordings/hostile1/x.mp3'
  const addresses = [
    ...inside(port).map((host) => `http://${host}${recordings}`),
    ...confusing(port, new URL(exotel.url)),
  ]
  const call = stage.recorded((sid) => ({ RecordingUrl: exotel.recordingUrl(sid) }))
  const listen = async () => await admin('GET', `/api/calls/${await call}/recording`)

  describe('API7:2023 Server Side Request Forgery', () => {
    test('a recording is fetched from the provider: what the attempts below start from', async () => {
      const { status, body } = await listen()
      expect([status, body]).toEqual([200, 'sound'])
    })

    test('no address that the provider’s record tells leads anywhere but to its recordings', async () => {
      exotel.answers.recording = () => ({ status: 404 })
      for (const address of addresses)
        for (const field of ['RecordingUrl', 'PreSignedRecordingUrl']) {
          exotel.answers.details = (sid) => ({ body: exotel.call(sid, { [field]: address }) })
          const { status, body } = await listen()
          expect([address, status]).toEqual([address, 404])
          expect(JSON.stringify(body)).not.toContain('inside')
        }
      expect(canary.hits()).toBe(0)
    })

    test('no redirect of a recording leads into the network, by any status, and no other header or page leads on', async () => {
      for (const location of addresses) {
        exotel.answers.recording = () => ({
          status: 302,
          headers: { location: location.replace(/[^!-~]/g, encodeURIComponent) },
        })
        expect([location, (await listen()).status]).toEqual([location, 502])
      }
      const location = `http://127.0.0.1:${port}${recordings}`
      for (const status of [301, 303, 307, 308, 300, 305]) {
        exotel.answers.recording = () => ({ status, headers: { location } })
        expect([status, (await listen()).status]).toEqual([status, 502])
      }
      for (const headers of [
        { refresh: `0;url=${location}` },
        { 'content-location': location },
        { link: `<${location}>; rel=next` },
      ]) {
        exotel.answers.recording = () => ({
          headers,
          body: `<meta http-equiv=refresh content="0;url=${location}">`,
        })
        expect((await listen()).body).not.toContain('inside')
      }
      exotel.answers.recording = () => ({ body: 'sound' })
      expect(canary.hits()).toBe(0)
    })

    test('an address in a callback, signed or in passthru, is not fetched, then or when somebody listens', async () => {
      const { id, order } = await stage.place()
      const passthru = new URL(order['StatusCallback'] ?? '')
      for (const address of addresses.slice(0, 12)) {
        const fields = { CallSid: 'f'.repeat(32), Status: 'completed', RecordingUrl: address }
        expect(await stage.callBack(order, fields)).toBe(200)
        passthru.search = new URLSearchParams(fields).toString()
        expect((await fetch(passthru)).status).toBe(200)
      }
      expect([404, 502]).toContain((await admin('GET', `/api/calls/${id}/recording`)).status)
      expect(canary.hits()).toBe(0)
    })

    test('an address in any field, parameter or id of the API is a text, and fetched by nobody', async () => {
      const api = await surfaceOf(caly)
      const url = `http://127.0.0.1:${port}/`
      const ports = [
        'registry',
        'osv',
        'path',
        'url',
        'webhook',
        'callbackUrl',
        'callback_url',
        'redirect',
        'next',
      ]
      for (const target of api.targets.filter(({ path }) => !/logout|secret/.test(path))) {
        const query = [...target.query.map(({ name }) => name), ...ports].map(
          (name) => `${name}=${encodeURIComponent(url)}`,
        )
        await admin(target.method, `${pathWith(target, nobodysId)}?${query.join('&')}`)
        if (target.path.includes('{'))
          await admin(target.method, pathWith(target, encodeURIComponent(url)))
        for (const name of [...Object.keys(target.fields ?? {}), ...ports])
          if (target.fields !== undefined)
            await admin(target.method, pathWith(target, nobodysId), {
              ...target.example,
              [name]: url,
            })
      }
      expect(canary.hits()).toBe(0)
    })

    test('it is no proxy: neither an absolute address, CONNECT, nor a Host makes it ask another', async () => {
      const host = `127.0.0.1:${port}`
      const rest = `HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
      for (const line of [
        `GET http://${host}/ `,
        `CONNECT ${host} `,
        `GET //${host}/ `,
        `GET @${host}/ `,
        'GET / ',
      ]) {
        const answer = await sendRaw(caly.port, line + rest)
        expect([line, answer?.includes('inside')]).toEqual([line, false])
      }
      expect(canary.hits()).toBe(0)
    })
  })
}
