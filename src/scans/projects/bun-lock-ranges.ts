import { type Fields, fieldsOf, shown } from './fields.ts'
import { limits } from './limits.ts'
import type { Want } from './wants.ts'

/** Puts the ranges that count in place of those that a manifest has. */
export type RangeReader = (wants: Iterable<Want>) => Iterable<Want>

/**
 * Reads `catalog`, `catalogs` and the plain `overrides` of a bun.lock: a range of `catalog:` or
 * `catalog:name` stands for the catalog's, and an override is stronger than both. An alias (`npm:`)
 * is never overridden, and overrides that are for some parents only are left as they are.
 */
export function readRanges(lockfile: Fields): RangeReader {
  const catalogs = new Map([['', readTexts(lockfile, 'catalog')]])
  const named = fieldsOf(lockfile, 'catalogs', '') ?? {}
  for (const name of Object.keys(named)) catalogs.set(name, readTexts(named, name))
  const overrides = readTexts(lockfile, 'overrides')
  const fromCatalog = (name: string, range: string) =>
    range.startsWith('catalog:') ? (catalogs.get(range.slice(8).trim())?.get(name) ?? range) : range
  return function* read(wants) {
    for (const want of wants) {
      const override = want.range.startsWith('npm:') ? undefined : overrides.get(want.name)
      yield { ...want, range: fromCatalog(want.name, override ?? want.range) }
    }
  }
}

function readTexts(fields: Fields, name: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const [key, text] of Object.entries(fieldsOf(fields, name, '') ?? {}))
    if (typeof text === 'string') texts.set(key, shown(text, limits.range, name, 'a range'))
  return texts
}
