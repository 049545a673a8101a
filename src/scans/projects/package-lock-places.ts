import { type Fields, isFields, isNpmName, malformed, shown } from './fields.ts'
import { limits } from './limits.ts'

const nodeModules = 'node_modules/'

/** Takes `a/node_modules/@s/b` apart; undefined for a folder in which no name stands for a package. */
function splitPlace(place: string): { readonly folder: string; readonly name: string } | undefined {
  const start = place.lastIndexOf(nodeModules)
  if (start === -1 || (start > 0 && place[start - 1] !== '/')) return undefined
  const name = place.slice(start + nodeModules.length)
  return isNpmName(name) ? { folder: place.slice(0, Math.max(start - 1, 0)), name } : undefined
}

/** Whether a place is within a `node_modules`: then it is not of the project's own. */
export function isInstalled(place: string): boolean {
  return place.split('/').includes('node_modules')
}

/**
 * The folder in whose `node_modules` Node.js looks next. There is none around what lies outside of
 * the project (`../shared`): what is installed in the project is not found from there.
 */
export function placeAround(place: string): string | undefined {
  if (place === '' || place === '..' || place.endsWith('/..')) return undefined
  const inside = splitPlace(place)
  if (inside !== undefined) return inside.folder
  return place.slice(0, Math.max(place.lastIndexOf('/'), 0))
}

/** One entry of `packages`. */
export interface PlacedEntry {
  readonly place: string
  /** What it is installed as; undefined for the root and for folders of the project. */
  readonly name: string | undefined
  readonly fields: Fields
  /** The place of the folder that stands here by a link. */
  readonly target: string | undefined
}

/** Reads where an entry is. @throws {ProjectError} for a place that cannot be, or goes too deep */
export function readPlace(place: string, fields: unknown): PlacedEntry {
  if (!isFields(fields)) throw malformed(place, 'is not an object')
  shown(place, limits.place, place, 'its place')
  if (place.split('/').length > limits.depth)
    throw malformed(place, `is more than ${limits.depth} folders deep`)
  return { place, name: splitPlace(place)?.name, fields, target: linkTarget(place, fields) }
}

function linkTarget(place: string, fields: Fields): string | undefined {
  if (fields['link'] !== true) return undefined
  const target = fields['resolved']
  if (typeof target !== 'string') throw malformed(place, 'is a link to nowhere')
  return target.replace(/^file:/, '')
}
