/** The service that is looked at, as a stranger or a client reaches it. */
import { type Answer, type Asked, answerIn, bytesOf, sentText } from './http.ts'
import { exchange, WireError } from './wire.ts'

/** A service at an address. */
export interface Target {
  /** Its origin. */
  readonly url: URL
  /** Where plain HTTP to the same host would be answered, if it is. */
  readonly plainUrl: URL
  /** What stands in `Host`. */
  readonly host: string
  /**
   * Asks, over a connection of its own.
   *
   * @throws {WireError} where there is no answer
   */
  ask(request: Asked): Promise<Answer>
  /** The same, but asked once in a run: what many checks look at. */
  once(request: Asked): Promise<Answer>
  /** Asks all at once, each over a connection of its own: Bun ends one on which requests queue up. */
  together(requests: readonly Asked[]): Promise<readonly Answer[]>
  /**
   * Sends a text as it is, Latin-1; undefined where the connection was closed without an answer.
   *
   * @param sent what it is, for a report
   */
  send(text: string, sent: string): Promise<Answer | undefined>
}

/** How a target is reached, where it is not as its address says. */
export interface TargetOptions {
  /** @default the same host at port 80, or at the port of a target without TLS */
  readonly plainUrl?: URL
  /** PEM: the authority whose certificates are trusted. @default those that this machine trusts */
  readonly ca?: string | undefined
}

/** Opens a target. Nothing is sent before somebody asks. */
export function openTarget(url: URL, { plainUrl, ca }: TargetOptions = {}): Target {
  const host = url.host
  const known = new Map<string, Promise<Answer>>()

  /** Where a credential goes along, nobody but the service itself may be at the other end. */
  async function ask(request: Asked): Promise<Answer> {
    const { method = 'GET', credential } = request
    const received = await exchange(url, bytesOf(request, host), {
      ca,
      verify: credential !== undefined,
      // What comes behind the answer to a HEAD is what a check wants to see.
      isComplete: (text) => method !== 'HEAD' && answerIn(text, method, false) !== undefined,
    })
    const answer = answerIn(received, method, true)
    if (answer === undefined) throw new WireError('the connection was closed without an answer')
    return { ...answer, sent: sentText(request) }
  }

  return {
    url,
    plainUrl: plainUrl ?? plainUrlOf(url),
    host,
    ask,
    once(request) {
      const name = JSON.stringify([sentText(request), request.credential?.secret])
      const asked = known.get(name) ?? ask(request)
      known.set(name, asked)
      return asked
    },
    together: (requests) => Promise.all(requests.map(ask)),
    async send(text, sent) {
      const method = /^\w+/.exec(text)?.[0] ?? ''
      const received = await exchange(url, Buffer.from(text, 'latin1'), {
        verify: false,
        isComplete: (come) => answerIn(come, method, false) !== undefined,
      })
      const answer = answerIn(received, method, true)
      return answer && { ...answer, sent }
    },
  }
}

function plainUrlOf(url: URL): URL {
  const plain = new URL(url)
  if (plain.protocol === 'http:') return plain
  plain.protocol = 'http:'
  plain.port = ''
  return plain
}
