import { ExternalServiceError } from '../../errors.ts'

/** What is known of a request that Exotel did not carry out. */
export interface ExotelFailure {
  /** Exotel's own code: of its `RestException`, else of HTTP; undefined without an answer. */
  readonly providerCode?: string | undefined
  /** Whether it certainly had no effect: only then may a call be placed again. */
  readonly withoutEffect: boolean
  /** Whether it was about the account or the network, so that others would fare no better. */
  readonly general: boolean
  /** Whether it took too long, rather than failed. */
  readonly late?: boolean
  /** Milliseconds after which Exotel wants to be asked again. */
  readonly retryAfter?: number | undefined
}

/** Exotel did not do what it was asked. Its own words stay out: they may repeat a number. */
export class ExotelError extends ExternalServiceError {
  override readonly name = 'ExotelError'
  readonly providerCode: string | undefined
  readonly withoutEffect: boolean
  readonly general: boolean
  readonly retryAfter: number | undefined

  constructor(failure: ExotelFailure, options?: ErrorOptions) {
    const { providerCode, late = false } = failure
    const message =
      providerCode === undefined
        ? 'Exotel gave no answer'
        : `Exotel answered with its code ${providerCode}`
    super(late ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_FAILED', message, options)
    this.providerCode = providerCode
    this.withoutEffect = failure.withoutEffect
    this.general = failure.general
    this.retryAfter = failure.retryAfter
  }

  /** Whether the same request would only be refused again. */
  get isRefusal(): boolean {
    return this.withoutEffect && this.providerCode !== undefined && this.providerCode !== '429'
  }

  /** Why a call failed, in a word that operators can look up. */
  get reason(): string {
    return this.providerCode === undefined ? 'exotel_unreachable' : `exotel_${this.providerCode}`
  }
}
