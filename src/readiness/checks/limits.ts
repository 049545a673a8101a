/** How much anybody can ask for. */
import { randomInt } from 'node:crypto'
import { check, looked } from '../check.ts'
import { type Answer, field } from '../http.ts'
import { each, judged, problemOf, refused } from '../observe.ts'
import type { Target } from '../target.ts'
import { guarded, index, missing, posted } from './samples.ts'

const names = ['ratelimit-policy', 'ratelimit'] as const

const on =
  'Set RATE_LIMIT_GLOBAL and the others, or leave them out; let no proxy take RateLimit headers away'

/** Requests of one kind that are sent at once to see how they are counted. */
const burst = 16

/** Of these, what flows off again while they come in is not seen; whoever has a limit alone uses 1. */
const leastUsed = 3

/** What is left of the limit that is nearest. */
const leftOf = (answer: Answer): number =>
  Number(field(answer, 'x-ratelimit-remaining') ?? Number.NaN)

const limitOf = (answer: Answer): number => Number(field(answer, 'x-ratelimit-limit') ?? Number.NaN)

/** How often requests are sent at once, where a slow way lets what they used flow off meanwhile. */
const attempts = 3

/** How much of a limit requests at once have used, as the one with the least left was told. */
async function usedBy(
  target: Target,
  claims: () => Readonly<Record<string, string>>,
): Promise<number> {
  let used = 0
  for (let attempt = 0; attempt < attempts && !(used >= leastUsed); attempt += 1) {
    const requests = Array.from({ length: burst }, () => ({ ...index, headers: claims() }))
    const answers = await target.together(requests)
    used = Math.max(...answers.map((answer) => limitOf(answer) - leftOf(answer)))
  }
  return used
}

/** Limits. */
export const limitChecks = [
  check({
    id: 'limits.told',
    title: 'Every answer says how often its caller may ask, unknown paths included',
    why: 'Without a limit one caller takes all there is; untold, clients cannot keep to it',
    fix: on,
    ...{ api: [4], asvs: ['V2.4.1'], needs: [] },
    run: async ({ target }) =>
      each(
        await Promise.all([index, guarded, missing].map((request) => target.once(request))),
        (answer) => /q=\d+/.test(field(answer, 'ratelimit-policy') ?? '') && leftOf(answer) >= 0,
        ...names,
      ),
  }),
  check({
    id: 'limits.counted',
    title: 'Requests are counted',
    why: 'A limit that does not count limits nobody',
    fix: on,
    ...{ api: [4], asvs: ['V2.4.1'], needs: [] },
    async run({ target }) {
      const used = await usedBy(target, () => ({}))
      return [looked(`${burst} requests at once`, `${used} of the limit used`, used >= leastUsed)]
    },
  }),
  check({
    id: 'limits.address',
    title: 'Nobody has a limit of their own by claiming to be somebody else',
    why: 'With a new X-Forwarded-For for each request no limit by address would ever be reached, nor a lockout',
    fix: 'Name your proxies in TRUSTED_PROXIES, by address, never a network that strangers are in; PROXY_HEADER is the header that they set',
    ...{ api: [4, 2], asvs: ['V4.1.3', 'V15.3.4'], needs: [] },
    async run({ target }) {
      const claims = () => {
        const address = `198.18.${randomInt(256)}.${randomInt(256)}`
        return {
          'x-forwarded-for': address,
          'x-real-ip': address,
          forwarded: `for=${address}`,
          'true-client-ip': address,
          'cf-connecting-ip': address,
        }
      }
      const used = await usedBy(target, claims)
      const sent = `${burst} requests, each from an address of its own as its headers claim`
      return [looked(sent, `${used} of one limit used`, used >= leastUsed)]
    },
  }),
  check({
    id: 'limits.probes',
    title: 'Probes are not limited',
    why: 'A flood would have the service restarted by whoever probes it',
    fix: 'Let no proxy limit /health/live and /health/ready',
    ...{ api: [4], asvs: ['V16.5.2'], needs: [] },
    run: async ({ target }) =>
      each(
        await Promise.all(['/health/live', '/health/ready'].map((path) => target.ask({ path }))),
        ({ status, headers }) => status !== 429 && !headers.has('ratelimit'),
        ...names,
      ),
  }),
  check({
    id: 'limits.announced-body',
    title: 'A body that is announced as a gigabyte is refused before it is sent',
    why: 'A few clients would fill the memory',
    fix: 'Leave BODY_LIMIT as it is, and set no larger one in the proxy than you need (nginx: client_max_body_size 1m)',
    ...{ api: [4], asvs: ['V15.2.2'], needs: [] },
    async run({ target }) {
      const fields = `Host: ${target.host}\r\nContent-Type: application/json\r\nConnection: close\r\n`
      const line = 'POST /api/auth/refresh HTTP/1.1\r\n'
      const sent = 'POST /api/auth/refresh; content-length: 1073741825'
      const text = `${line}${fields}Content-Length: 1073741825\r\n\r\n{`
      return [refused(sent, await target.send(text, sent))]
    },
  }),
  check({
    id: 'limits.chunked-body',
    title: 'A body that does not say how long it is is refused once it is too long',
    why: 'Whoever does not announce their gigabyte would still send it',
    fix: 'Leave BODY_LIMIT as it is',
    ...{ api: [4], asvs: ['V15.2.2'], needs: ['config'] },
    async run({ target, config: { bodyLimit } }) {
      if (bodyLimit > largest) return [looked('BODY_LIMIT', bodyLimit, false)]
      const size = bodyLimit + 1024
      const head = `POST /api/auth/refresh HTTP/1.1\r\nHost: ${target.host}\r\nConnection: close\r\n`
      const fields = 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
      const sent = `POST /api/auth/refresh; ${size} bytes in chunks`
      const text = `${head}${fields}${size.toString(16)}\r\n"${'x'.repeat(size - 2)}"\r\n0\r\n\r\n`
      return [refused(sent, await target.send(text, sent))]
    },
  }),
  check({
    id: 'limits.target',
    title: 'An address of 64 KiB is refused',
    why: 'Every log, span and cache on the way would hold it',
    fix: 'Leave the limits of the proxy in front as they are (nginx: large_client_header_buffers 4 8k)',
    ...{ api: [4], asvs: ['V15.2.2'], needs: [] },
    async run({ target }) {
      const sent = 'GET /api?xxx…, 65536 bytes'
      const line = `GET /api?${'x'.repeat(65_536)} HTTP/1.1\r\nHost: ${target.host}\r\n`
      return [refused(sent, await target.send(`${line}Connection: close\r\n\r\n`, sent))]
    },
  }),
  check({
    id: 'limits.all-on',
    title: 'None of the four limits is off, and passwords are tried a few times a minute at most',
    why: 'Each limits what the others do not: an address, a principal, passwords, the provider',
    fix: 'Leave RATE_LIMIT_GLOBAL, RATE_LIMIT_API, RATE_LIMIT_AUTH and RATE_LIMIT_WEBHOOK out, or set each; RATE_LIMIT_AUTH to 5/1m at most',
    ...{ api: [2, 4], asvs: ['V2.4.1', 'V6.3.1'], needs: ['config'] },
    run({ config: { rateLimits } }) {
      const { auth } = rateLimits
      const guesses = auth === undefined ? Number.NaN : (auth.limit * 60_000) / auth.window
      return [
        ...Object.entries(rateLimits).map(([name, limit]) =>
          looked(
            `RATE_LIMIT_${name.toUpperCase()}`,
            limit === undefined ? 'off' : `${limit.limit} in ${limit.window / 1000} s`,
            limit !== undefined,
          ),
        ),
        looked('RATE_LIMIT_AUTH', `${guesses.toFixed(1)} a minute`, guesses <= mostGuesses),
      ]
    },
  }),
  check({
    id: 'limits.pages',
    title: 'A list gives a hundred at most, however many are asked for',
    why: 'One request would read, hold and send a whole table',
    fix: 'Caly refuses more: if it does not, the code has changed',
    ...{ api: [4], asvs: ['V2.2.1', 'V4.3.1'], needs: ['keys'] },
    run: async ({ target, keys: { one } }) =>
      each(
        await Promise.all(
          ['1000000', '-1', '0', '1e3'].map((limit) =>
            target.ask({ path: `/api/calls?limit=${limit}`, credential: one }),
          ),
        ),
        ({ status }) => status === 422,
      ),
  }),
  check({
    id: 'limits.repeated-parameters',
    title: 'A parameter that comes twice is refused',
    why: 'One reader takes the first, another the last: what was checked is not what is used (parameter pollution)',
    fix: 'Caly refuses it: if it does not, a proxy joins them or the code has changed',
    ...{ api: [8], asvs: ['V15.3.7'], needs: ['keys'] },
    async run({ target, keys: { one } }) {
      const path = '/api/calls?limit=1&limit=2'
      const answer = await target.ask({ path, credential: one })
      return [judged(answer, answer.status === 422)]
    },
  }),
  check({
    id: 'limits.logins',
    title: 'Attempts to log in have a limit of their own, by address',
    why: 'Guessing passwords needs many attempts',
    fix: 'Set RATE_LIMIT_AUTH, or leave it out',
    ...{ api: [2, 4], asvs: ['V6.3.1'], needs: [], intrusive: true },
    async run({ target }) {
      const answer = await target.ask({ ...posted('{}'), path: '/api/auth/login' })
      const policy = field(answer, 'ratelimit-policy') ?? ''
      return [judged(answer, /"auth";q=\d+;w=\d+/.test(policy), ...names)]
    },
  }),
  check({
    id: 'limits.refusal',
    title: 'Who asks too much is refused, and told for how long',
    why: 'One client’s program that went mad would take the service from all others',
    fix: 'Set RATE_LIMIT_API to a few hundred a minute, or leave it out',
    ...{ api: [4], asvs: ['V2.4.1'], needs: ['guests'], intrusive: true },
    async run({ target, guests: { one } }) {
      const heavy = { path: '/api/calls/stats', credential: one.busy }
      const first = await target.ask(heavy)
      const count = Math.ceil(limitOf(first) / statsCost) + mostRefilled
      if (!(count < mostRequests)) return [judged(first, false, ...names)]
      for (let sent = 0; sent < count; sent += burst) {
        const answers = await target.together(Array(burst).fill(heavy))
        const limited = answers.find(({ status }) => status === 429)
        if (limited === undefined) continue
        const wait = Number(field(limited, 'retry-after') ?? 0)
        const told = wait > 0 && problemOf(limited)?.code === 'RATE_LIMITED'
        return [judged(limited, told, 'retry-after', ...names)]
      }
      return [looked(`${count} requests with ${one.busy.name}`, 'none was refused', false)]
    },
  }),
] as const

/** Bytes of a body that are sent to see whether they are too many. */
const largest = 16 * 1024 * 1024

/** Guesses a minute by address that still leave a password's owner alone. */
const mostGuesses = 5

/** What a request for statistics counts as. */
const statsCost = 5

/** Requests that a limit gives back while it is being used up. */
const mostRefilled = 40

/** Requests that are sent at most to reach a limit. */
const mostRequests = 600
