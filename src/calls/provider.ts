import type { CallNews } from './state-machine.ts'

/** A call as a provider needs to know it: when it is placed, and whenever it is asked about. */
export interface ProviderCall {
  /** Ours. Goes out as the custom field, and comes back with the last callback. */
  readonly id: string
  /** E.164. Rung first. */
  readonly from: string
  /** E.164. Rung once `from` has answered. */
  readonly to: string
  readonly record: boolean
  /** When the provider was asked to place it: committed before the request goes out. */
  readonly dispatchedAt: Date
  /** Null until the provider has named it, which a crash or a lost answer may delay. */
  readonly providerCallId: string | null
  /** Where the provider reports to. Holds a secret: never log it. */
  readonly callbackUrl: string
}

/**
 * What became of a request to place a call. Providers have no idempotency keys: only `retry` may be
 * asked again.
 */
export type Placement =
  | { readonly outcome: 'placed'; readonly providerCallId: string }
  /** Not placed, and never will be: credentials, balance, a number that is not allowed. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** Certainly not placed, and worth another try: 429, a connection that never opened. */
  | { readonly outcome: 'retry'; readonly reason: string }
  /** Perhaps placed: a read timeout, a reset, a 5xx. Left to callbacks and reconciliation. */
  | { readonly outcome: 'unknown'; readonly reason: string }

/** What the provider's own record says of a call. */
export type CallDetails =
  | {
      readonly found: true
      readonly providerCallId: string
      readonly news: CallNews
      /** When the provider last changed it. */
      readonly at: Date
    }
  | { readonly found: false }

/** A recording, as it is streamed through. */
export interface Recording {
  readonly contentType: string
  readonly body: Uint8Array | ReadableStream<Uint8Array>
}

/** Whoever places calls. */
export interface CallProvider {
  readonly name: 'simulator' | 'exotel'
  /** Asks once. Does not throw for what a provider can do wrong: that is a {@linkcode Placement}. */
  place(call: ProviderCall, signal: AbortSignal): Promise<Placement>
  /** Asks about a call. Throws if there is no answer: reconciliation comes back to it. */
  details(call: ProviderCall, signal: AbortSignal): Promise<CallDetails>
  /** Undefined when there is none. */
  recording(call: ProviderCall, signal: AbortSignal): Promise<Recording | undefined>
  /**
   * Takes up calls that an earlier process had placed, where the provider lives in this one.
   * A call that it knows already stays as it is.
   */
  resume?(calls: readonly ProviderCall[]): void
  /** Ends its timers and connections. What it was playing is taken up by {@linkcode resume}. */
  close(): Promise<void>
}
