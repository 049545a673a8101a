/** Whom a scan asks, as it is usually configured. */
import { npmAdvisories, osvApi, osvFiles } from './advisories/index.ts'
import { type HttpClient, httpClient } from './http.ts'
import { type MetadataSource, metadataSource } from './metadata/index.ts'
import type { AdvisorySource } from './model.ts'
import { type Withdrawals, withdrawalsInOsv } from './withdrawals.ts'

/** Options of {@linkcode usualSources}. */
export interface SourceOptions {
  /** The npm registry. @default the public one */
  readonly registry?: URL | undefined
  /** OSV's API, or the path of a folder or zip of its records. @default the public API */
  readonly osv?: URL | string | undefined
  /**
   * The path of a folder or zip of OSV's records, which then are the only advisories. The registry is
   * asked for versions only where it is named. @default none: advisories come over the network
   */
  readonly offline?: string | undefined
  /** Names and scopes that are not asked about. @default none */
  readonly privateNames?: readonly string[]
  /** The end of all asking. */
  readonly signal: AbortSignal
  /** @default one with the usual limits */
  readonly http?: HttpClient
}

/** Whom a scan asks. */
export interface Sources {
  readonly sources: readonly AdvisorySource[]
  /** Undefined where nobody is to be asked for versions. */
  readonly metadata: MetadataSource | undefined
  /** Undefined where the sources themselves know what was withdrawn. */
  readonly withdrawals: Withdrawals | undefined
}

/** The npm registry and OSV, or files alone. For one scan: what failed is not asked again in it. */
export function usualSources(options: SourceOptions): Sources {
  const { registry, osv, offline, privateNames = [], signal, http = httpClient() } = options
  const shared = { http, privateNames, ...(registry !== undefined && { registry: registry.href }) }
  if (offline !== undefined)
    return {
      sources: [osvFiles({ path: offline })],
      metadata: registry === undefined ? undefined : metadataSource({ ...shared, signal }),
      withdrawals: undefined,
    }
  const npm = npmAdvisories(shared)
  const metadata = metadataSource({ ...shared, signal })
  if (typeof osv === 'string')
    return { sources: [npm, osvFiles({ path: osv })], metadata, withdrawals: undefined }
  const api = osv === undefined ? {} : { api: osv.href }
  return {
    sources: [npm, osvApi({ http, privateNames, ...api })],
    metadata,
    withdrawals: withdrawalsInOsv(http, osv?.href),
  }
}
