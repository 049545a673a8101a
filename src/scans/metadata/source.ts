/** The registry's word on packages: which versions there are, what they want, what is said against them. */
import { isPrivate } from '../advisories/index.ts'
import { isName } from '../advisories/npm-question.ts'
import { defaultRegistry } from '../endpoints.ts'
import type { HttpClient } from '../http.ts'
import { type PackageMetadata, readPackument } from './packument.ts'

/** Options of {@linkcode metadataSource}. */
export interface MetadataOptions {
  readonly http: HttpClient
  /** @default {@linkcode defaultRegistry} */
  readonly registry?: string
  /** Names and scopes that are not asked about. @default none */
  readonly privateNames?: readonly string[]
  /** The end of all asking. */
  readonly signal: AbortSignal
}

/** Metadata, or why there is none. */
export type MetadataAnswer =
  | { readonly ok: true; readonly metadata: PackageMetadata }
  | {
      readonly ok: false
      /** `private`: not asked. `unknown`: the registry has no such package. `failed`: nobody knows. */
      readonly kind: 'private' | 'unknown' | 'failed'
      /** A sentence without its full stop. */
      readonly why: string
    }

/** What one scan knows of packages: each is asked about once, or twice where times are wanted as well. */
export interface MetadataSource {
  /** The versions of a package with what each of them wants. Never rejects. */
  versionsOf(name: string): Promise<MetadataAnswer>
  /** RFC 3339 of each version's release; empty where the registry does not tell. Never rejects. */
  timesOf(name: string): Promise<ReadonlyMap<string, string>>
}

/**
 * Bytes of one answer. The largest packages, with thousands of versions, have 10 MB in the short form and
 * 60 in the whole one, which mirrors send for either.
 */
const limit = 96 * 1_048_576
/** What npm itself asks for: without texts, and mostly without times. */
const abbreviated = {
  accept: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8',
  limit,
}
/** All that there is: only this has the times of npm's own registry. */
const whole = { accept: 'application/json', limit }

/** Asks a registry, with what was answered kept for the scan. How much at once is the client's bound. */
export function metadataSource(options: MetadataOptions): MetadataSource {
  const { http, registry = defaultRegistry, privateNames = [], signal } = options
  const base = registry.replace(/\/+$/, '')
  const versions = new Map<string, Promise<MetadataAnswer>>()
  const times = new Map<string, Promise<ReadonlyMap<string, string>>>()

  async function ask(name: string, form: typeof whole): Promise<MetadataAnswer> {
    if (isPrivate(name, privateNames))
      return { ok: false, kind: 'private', why: `${name} is private` }
    if (!isName(name)) return { ok: false, kind: 'unknown', why: 'No npm package has such a name' }
    const path = encodeURIComponent(name).replace(/^%40/, '@')
    const answer = await http.json(`${base}/${path}`, form, signal)
    if (!answer.ok) {
      const kind = answer.status === 404 ? 'unknown' : 'failed'
      return { ok: false, kind, why: answer.why }
    }
    const metadata = readPackument(answer.value)
    if (metadata !== undefined) return { ok: true, metadata }
    return { ok: false, kind: 'failed', why: 'the registry answered with something else' }
  }

  const versionsOf = (name: string) => kept(versions, name, () => ask(name, abbreviated))
  return {
    versionsOf,
    timesOf: (name) =>
      kept(times, name, async () => {
        const known = await versionsOf(name)
        if (!known.ok) return new Map()
        if (known.metadata.times !== undefined) return known.metadata.times
        const all = await ask(name, whole)
        return (all.ok ? all.metadata.times : undefined) ?? new Map()
      }),
  }
}

function kept<T>(cache: Map<string, T>, name: string, make: () => T): T {
  const known = cache.get(name)
  if (known !== undefined) return known
  const made = make()
  cache.set(name, made)
  return made
}
