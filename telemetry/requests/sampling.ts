/** Which requests are traced: the specification's samplers, with strangers kept from deciding. */
import { type SpanContext, TraceFlags } from '@opentelemetry/api'
import type { Config } from '../../src/config.ts'

/** The settings that say which requests are traced. */
export type SamplingSettings = Pick<Config['telemetry'], 'sampler' | 'samplerRatio'>

/** Decides whether the trace of a request is recorded. */
export type RequestSampler = (
  traceId: string,
  /** The caller's span, where a `traceparent` came along. */
  parent: SpanContext | undefined,
  /** Whether the caller's word counts. Asked only where it makes a difference. */
  trusted: () => boolean,
) => boolean

/** The share of the traces beginning here that is kept: 1 for `always_on`, 0 for `always_off`. */
export function rootRatio({ sampler, samplerRatio }: SamplingSettings): number {
  if (sampler.endsWith('always_on')) return 1
  return sampler.endsWith('always_off') ? 0 : samplerRatio
}

/**
 * The sampler for requests. A stranger's `traceparent` names the trace and no more: its sampled
 * flag would force every request of an attacker into the store, or hide them from it, and with a
 * ratio a chosen trace id would do the same. So a trace id that was not drawn here does not decide;
 * chance does. A trusted caller's flag is obeyed by the `parentbased_` samplers, and its trace id
 * counts for the ratio, so that all services keep the same traces.
 *
 * @param isKept whether the ratio keeps a trace, by its id
 * @param random from 0 up to, but without, 1
 */
export function requestSampler(
  settings: SamplingSettings,
  isKept: (traceId: string) => boolean,
  random: () => number = Math.random,
): RequestSampler {
  const parentBased = settings.sampler.startsWith('parentbased_')
  const ratio = rootRatio(settings)
  return (traceId, parent, trusted) => {
    if (parent === undefined) return isKept(traceId)
    if (!trusted()) return random() < ratio
    return parentBased ? (parent.traceFlags & TraceFlags.SAMPLED) !== 0 : isKept(traceId)
  }
}
