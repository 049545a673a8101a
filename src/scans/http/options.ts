/** `fetch`, as far as it is used here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Options of `httpClient`. Times are milliseconds. */
export interface HttpOptions {
  /** @default {globalThis.fetch} */
  readonly fetch?: Fetch
  /** For one attempt, from the first byte sent to the last one read. @default {15_000} */
  readonly timeout?: number
  /** How often a request is sent at most. @default {3} */
  readonly attempts?: number
  /** Requests at one time, to all hosts together. @default {12} */
  readonly concurrency?: number
  /** Before the second attempt; doubles from there, and half of it is left to chance. @default {400} */
  readonly pause?: number
  /** The longest `Retry-After` that is waited for; who asks for more is not asked again. @default {15_000} */
  readonly longestPause?: number
}

/** One request. */
export interface JsonRequest {
  /** Sent as JSON by POST; GET without. */
  readonly body?: unknown
  /** @default {'application/json'} */
  readonly accept?: string
  /** Bytes of the answer, unzipped. @default 32 MiB */
  readonly limit?: number
}
