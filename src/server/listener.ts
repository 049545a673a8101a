/** What a server is made of. */
export interface ServeOptions {
  readonly fetch: (request: Request) => Response | Promise<Response>
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** PEM texts: HTTPS instead of HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  /**
   * Bytes. A backstop above the application's own limit: Bun answers without a body. `node:http`
   * has none; what nobody reads stays in the system's buffers there.
   */
  readonly maxBodySize: number
  /**
   * Milliseconds that a connection may be quiet, and that a whole request may take to arrive,
   * however steadily it drips.
   */
  readonly idleTimeout: number
}

/** An open port, on whichever runtime. */
export interface Listener {
  readonly port: number
  /** Requests whose answer is neither sent to its end nor broken off yet. */
  unsent(): number
  /** Takes no new connection; resolves once the open ones have ended. */
  close(): Promise<void>
  /** Ends the open ones. */
  cut(): Promise<void>
}

/** Answers a request from an address. */
export type Answer = (request: Request, peer: string | undefined) => Response | Promise<Response>
