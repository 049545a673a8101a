import { afterEach, describe, expect, test } from 'bun:test'
import { createServer, type RequestListener, type Server } from 'node:http'
import { metrics, trace } from '@opentelemetry/api'
import { recordingPlace, redirectTarget } from '../../../src/calls/exotel/recording-hosts.ts'
import { type Recordings, recordings } from '../../../src/calls/exotel/recordings.ts'
import { httpClientTelemetry } from '../../../telemetry/index.ts'
import { eventually } from '../../support/process.ts'

const real = {
  sid: 'exampletenant1',
  apiKey: 'the-key-of-the-account',
  apiToken: 'the-token-of-the-account',
  subdomain: 'api.exotel.com',
  callerId: '09999900010',
}

describe('recordingPlace()', () => {
  const good = [
    ['https://recordings.exotel.com/exotelrecordings/exampletenant1/a.mp3', true],
    ['https://s3-ap-southeast-1.amazonaws.com/exotelrecordings/exampletenant1/a.mp3', false],
    ['https://s3-ap-south-1.amazonaws.com/exotel-mum1-recordings/exampletenant1/a.mp3?X=1', false],
  ] as const
  for (const [address, withKey] of good)
    test(`takes ${address}, ${withKey ? 'with' : 'without'} the key`, () => {
      expect(recordingPlace(real, address)).toMatchObject({ withKey })
    })

  const bad = [
    ['http', 'http://recordings.exotel.com/exotelrecordings/exampletenant1/a.mp3'],
    ['another port', 'https://recordings.exotel.com:8443/exotelrecordings/exampletenant1/a.mp3'],
    ['another account', 'https://recordings.exotel.com/exotelrecordings/other/a.mp3'],
    ['a longer account', 'https://recordings.exotel.com/exotelrecordings/exampletenant12/a.mp3'],
    [
      'a way out of the folder',
      'https://recordings.exotel.com/exotelrecordings/exampletenant1/../x',
    ],
    ['a host of a stranger', 'https://evil.example/exotelrecordings/exampletenant1/a.mp3'],
    [
      'a name in front',
      'https://recordings.exotel.com@evil.example/exotelrecordings/exampletenant1/a',
    ],
    [
      'a longer host',
      'https://recordings.exotel.com.evil.example/exotelrecordings/exampletenant1/a',
    ],
    ['another bucket', 'https://s3-ap-southeast-1.amazonaws.com/bucket/exampletenant1/a.mp3'],
    ['the metadata service', 'http://169.254.169.254/latest/meta-data/'],
    ['a file', 'file:///etc/passwd'],
    ['the word null', 'null'],
    ['nothing', ''],
  ] as const
  for (const [what, address] of bad)
    test(`refuses ${what}`, () => {
      expect(recordingPlace(real, address)).toBeUndefined()
    })
})

describe('redirectTarget()', () => {
  const from = new URL('https://recordings.exotel.com/exotelrecordings/exampletenant1/a.mp3')
  for (const location of [
    'https://exotel-recordings.s3.ap-south-1.amazonaws.com/a.mp3?X-Amz-Signature=0',
    'https://s3-ap-south-1.amazonaws.com/exotel-mum1-recordings/a.mp3',
    '/exotelrecordings/exampletenant1/b.mp3',
  ])
    test(`follows to ${location}`, () => {
      expect(redirectTarget(real, from, location)?.protocol).toBe('https:')
    })
  for (const location of [
    'http://exotel-recordings.s3.ap-south-1.amazonaws.com/a.mp3',
    'https://evil.example/a.mp3',
    'https://s3.amazonaws.com.evil.example/a.mp3',
    'https://evils3-ap-south-1.amazonaws.com.example/a.mp3',
    'https://127.0.0.1/a.mp3',
    'https://localhost:9200/',
    'file:///etc/passwd',
    '//169.254.169.254/latest',
  ])
    test(`does not follow to ${location}`, () => {
      expect(redirectTarget(real, from, location)).toBeUndefined()
    })
})

describe('fetch()', () => {
  const servers: Server[] = []
  let sounds: Recordings | undefined
  afterEach(() => {
    sounds?.close()
    for (const server of servers.splice(0)) server.close()
  })

  async function listen(listener: RequestListener): Promise<URL> {
    const server = createServer(listener)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    return new URL(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`)
  }

  /** The recordings of an account with a stand-in. */
  function at(url: URL, idleTimeout?: number): Recordings {
    sounds = recordings({
      account: { ...real, subdomain: url.origin },
      ...(idleTimeout !== undefined && { idleTimeout }),
      telemetry: httpClientTelemetry({
        meter: metrics.getMeter('test'),
        tracerProvider: { getTracer: (name) => trace.getTracer(name) },
      }),
    })
    return sounds
  }
  const signal = new AbortController().signal
  const placeOf = (url: URL) => ({ url: new URL('/exotelrecordings/x/a.mp3', url), withKey: true })

  test('gives the key to the first host, and to nobody that it leads to', async () => {
    const heard: (string | undefined)[] = []
    const storage = await listen((request, response) => {
      heard.push(request.headers.authorization)
      response.writeHead(200, { 'content-type': 'audio/mpeg' }).end('sound')
    })
    const first = await listen((request, response) => {
      heard.push(request.headers.authorization)
      response.writeHead(302, { location: new URL('/a.mp3', storage).href }).end()
    })
    const recording = await at(first).fetch(placeOf(first), signal)
    expect(await new Response(recording?.body).text()).toBe('sound')
    expect(heard[0]).toStartWith('Basic ')
    expect(heard.slice(1)).toEqual([undefined])
  })

  test('follows three redirects, and no more', async () => {
    let hops = 0
    const first = await listen((_, response) => {
      hops += 1
      response.writeHead(302, { location: '/exotelrecordings/x/again.mp3' }).end()
    })
    await expect(at(first).fetch(placeOf(first), signal)).rejects.toMatchObject({
      code: 'UPSTREAM_FAILED',
    })
    expect(hops).toBe(4)
  })

  test('hands on a page as bytes, which no browser runs', async () => {
    const first = await listen((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<script>')
    })
    const recording = await at(first).fetch(placeOf(first), signal)
    expect(recording?.contentType).toBe('application/octet-stream')
    await new Response(recording?.body).text()
  })

  for (const status of [401, 403, 404])
    test(`knows of no recording where ${status} is answered`, async () => {
      const first = await listen((_, response) => void response.writeHead(status).end())
      expect(await at(first).fetch(placeOf(first), signal)).toBeUndefined()
    })

  test('fails where the host does', async () => {
    const first = await listen((_, response) => void response.writeHead(503).end())
    await expect(at(first).fetch(placeOf(first), signal)).rejects.toMatchObject({
      code: 'UPSTREAM_FAILED',
    })
  })

  test('does not pass off half a recording as a whole one', async () => {
    const first = await listen((_, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': '100' })
      response.write('half', () => response.destroy())
    })
    const recording = await at(first).fetch(placeOf(first), signal)
    await expect(new Response(recording?.body).text()).rejects.toThrow()
  })

  /** A host that sends without an end, as fast as it is read; and whether anybody is still there. */
  async function endless() {
    const open = new Set<object>()
    const url = await listen((_, response) => {
      open.add(response)
      response.once('close', () => open.delete(response))
      response.writeHead(200, { 'content-type': 'audio/mpeg' })
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      }
      response.on('drain', more)
      more()
    })
    return {
      url,
      left: () =>
        eventually(
          async () => open.size,
          (size) => size === 0,
        ),
    }
  }

  test('cuts a stream that nobody reads on, and leaves its host', async () => {
    const { url, left } = await endless()
    const recording = await at(url, 200).fetch(placeOf(url), signal)
    if (!(recording?.body instanceof ReadableStream)) throw new Error('There is no stream')
    const reader = recording.body.getReader()
    await reader.read()
    await left()
    await expect(reader.read()).rejects.toMatchObject({ kind: 'timeout' })
  })

  test('cuts a stream to which nothing comes', async () => {
    const first = await listen((_, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' }).write('sound')
    })
    const recording = await at(first, 200).fetch(placeOf(first), signal)
    await expect(new Response(recording?.body).text()).rejects.toMatchObject({ kind: 'timeout' })
  })

  test('cuts no stream that is read and fed, however long it takes', async () => {
    const first = await listen((_, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' })
      let sent = 0
      const drops = setInterval(() => {
        sent += 1
        response.write('x')
        if (sent < 20) return
        clearInterval(drops)
        response.end()
      }, 50)
    })
    const recording = await at(first, 500).fetch(placeOf(first), signal)
    expect(await new Response(recording?.body).text()).toBe('x'.repeat(20))
  })

  test('leaves the host of a stream that is left', async () => {
    const { url, left } = await endless()
    const recording = await at(url).fetch(placeOf(url), signal)
    if (recording?.body instanceof ReadableStream) await recording.body.cancel()
    await left()
  })

  test('ends its streams when it is closed', async () => {
    const first = await listen((_, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' }).write('sound')
    })
    const own = at(first)
    const recording = await own.fetch(placeOf(first), signal)
    own.close()
    await expect(new Response(recording?.body).text()).rejects.toThrow()
  })
})
