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
  /** Where the provider's own record says that the recording lies. Secret; null until it has said so. */
  readonly recordingUrl: string | null
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
export interface CallDetails {
  readonly providerCallId: string
  readonly news: CallNews
  /** What to believe of a final word that lacks its end, once no call can last any longer. */
  readonly claimed?: CallNews | undefined
  /** When the provider made the call. */
  readonly createdAt?: Date | undefined
  /** When the provider last changed it. */
  readonly at: Date
  /** Whether nothing more is to come: a record may be filled in minutes after the call's end. */
  readonly settled: boolean
  /** Where the recording lies, once there is one. */
  readonly recordingUrl?: string | undefined
}

/** A recording, as it is streamed through. */
export interface Recording {
  readonly contentType: string
  /** Bytes, where they are known beforehand. */
  readonly length?: number
  readonly body: Uint8Array | ReadableStream<Uint8Array>
}

/** Whoever places calls. */
export interface CallProvider {
  readonly name: 'simulator' | 'exotel'
  /**
   * Milliseconds until it may be asked to place a call: it has a pace, or is not to be reached now.
   * 0 takes the turn.
   *
   * @default always 0
   */
  turn?(signal: AbortSignal): Promise<number>
  /** Asks once. Does not throw for what a provider can do wrong: that is a {@linkcode Placement}. */
  place(call: ProviderCall, signal: AbortSignal): Promise<Placement>
  /**
   * Asks about a call. Throws if there is no answer: reconciliation comes back to it.
   *
   * @returns of a call that the provider has named, its record, or nothing if it is not known; of
   *   another, all that it may be, likeliest first
   */
  details(call: ProviderCall, signal: AbortSignal): Promise<readonly CallDetails[]>
  /**
   * Milliseconds after a call's end from which on its record is worth reading.
   *
   * @default nothing comes late
   */
  readonly settlesAfter?: number
  /** Undefined when there is none. @throws if it cannot be had now */
  recording(call: ProviderCall, signal: AbortSignal): Promise<Recording | undefined>
  /**
   * Takes up calls that an earlier process had placed, where the provider lives in this one.
   * A call that it knows already stays as it is.
   */
  resume?(calls: readonly ProviderCall[]): void
  /** What is wrong with it, in a few words. @default nothing is */
  warning?(): string | undefined
  /** Ends its timers and connections. What it was playing is taken up by {@linkcode resume}. */
  close(): Promise<void>
}
