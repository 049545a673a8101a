/** PostgreSQL's protocol (version 3), as far as a server of sockets must know it. */

/** One thing that a client wants done without another client's messages in between. */
export interface Unit {
  readonly bytes: Uint8Array
  /** Statements that it prepares, by the names that the client gave them. */
  readonly prepares: readonly string[]
}

/** What came in: work, a request for encryption to be declined, or the end. */
export type Incoming = Unit | 'encryption' | 'end'

const sslRequest = 80877103
const gssRequest = 80877104
const cancelRequest = 80877102

const terminate = 'X'.charCodeAt(0)
const parse = 'P'.charCodeAt(0)
/** Query, Sync and Flush: after each of these the client waits for an answer. */
const lasts = new Set(['Q', 'S', 'H'].map((letter) => letter.charCodeAt(0)))

/** Cuts what a client sends into units. */
export class UnitReader {
  #buffer: Buffer = Buffer.alloc(0)
  #started = false

  /** Takes in what the socket brought, and gives what has become complete. */
  read(chunk: Uint8Array): Incoming[] {
    this.#buffer = Buffer.concat([this.#buffer, chunk])
    const incoming: Incoming[] = []
    while (!this.#started && this.#buffer.length >= 8) {
      const length = this.#buffer.readUInt32BE(0)
      const code = this.#buffer.readUInt32BE(4)
      if (this.#buffer.length < length) return incoming
      const bytes = this.#take(length)
      if (code === sslRequest || code === gssRequest) incoming.push('encryption')
      else if (code === cancelRequest) incoming.push('end')
      else {
        this.#started = true
        incoming.push({ bytes, prepares: [] })
      }
    }
    if (this.#started) this.#readUnits(incoming)
    return incoming
  }

  #readUnits(incoming: Incoming[]): void {
    let position = 0
    let prepares: string[] = []
    while (this.#buffer.length >= position + 5) {
      const kind = this.#buffer[position]
      const end = position + 1 + this.#buffer.readUInt32BE(position + 1)
      if (this.#buffer.length < end) return
      if (kind === terminate) {
        incoming.push('end')
        return
      }
      if (kind === parse) {
        const nameEnd = this.#buffer.indexOf(0, position + 5)
        if (nameEnd > position + 5)
          prepares.push(this.#buffer.toString('utf8', position + 5, nameEnd))
      }
      position = end
      if (kind === undefined || !lasts.has(kind)) continue
      incoming.push({ bytes: this.#take(position), prepares })
      position = 0
      prepares = []
    }
  }

  #take(length: number): Uint8Array {
    const bytes = new Uint8Array(this.#buffer.subarray(0, length))
    this.#buffer = this.#buffer.subarray(length)
    return bytes
  }
}

/** Watches a server's answers for the end of the last one. */
export class ReadyWatcher {
  #tail: Buffer = Buffer.alloc(0)

  see(chunk: Uint8Array): void {
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-6)]).subarray(-6)
  }

  /** Whether the last message was ReadyForQuery, outside of a transaction. */
  get isIdle(): boolean {
    return this.#tail.equals(readyIdle)
  }
}

const readyIdle = Buffer.from('Z\0\0\0\x05I', 'latin1')

/** What leaves the shared session as if the client had never been: no transaction, no statements. */
export function farewell(prepared: Iterable<string>): Uint8Array {
  return Buffer.concat([
    message('S', ''),
    message('Q', 'rollback\0'),
    ...Array.from(prepared, (name) => message('C', `S${name}\0`)),
    message('S', ''),
  ])
}

function message(kind: string, body: string): Buffer {
  const content = Buffer.from(body, 'utf8')
  const head = Buffer.alloc(5)
  head.write(kind, 0, 'latin1')
  head.writeUInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}
