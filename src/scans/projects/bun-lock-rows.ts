import { type Fields, isFields, isNpmName, malformed, npmNameAt, shown } from './fields.ts'
import { limits } from './limits.ts'

/**
 * What stands at a key of bun.lock: a package of a registry; one whose version nobody wrote down
 * (git, GitHub, an archive); a folder; or a part of the project itself.
 */
export interface Row {
  readonly kind: 'registry' | 'elsewhere' | 'folder' | 'own'
  /** The package's own name, whatever an alias calls it. */
  readonly name: string
  /** Empty unless it is of a registry. */
  readonly version: string
  /** Its dependencies and platforms; none for the project's own. */
  readonly info: Fields
}

const registryVersion = /^\d+\.\d+\.\d+/
const elsewhere = /^(?:git\+|github:|https?:)|\.(?:tgz|tar|tar\.gz)$|^\.{0,2}\//

/**
 * Reads one entry of `packages`. Bun writes `[name@version, registry, info, integrity]` for packages
 * of a registry, `[name@from, info, …]` for the others, `[name@workspace:path]` for workspaces.
 *
 * @throws {ProjectError} for anything else
 */
export function readRow(key: string, row: unknown): Row {
  if (!Array.isArray(row)) throw malformed(key, 'is not a list')
  const items: readonly unknown[] = row
  const { name, from } = splitIdentifier(key, items[0])
  if (/^(?:workspace|root):/.test(from)) return { kind: 'own', name, version: '', info: {} }
  npmNameAt(name, key)
  if (/^(?:file|link):/.test(from))
    return { kind: 'folder', name, version: '', info: infoAt(key, items, 1) }
  if (registryVersion.test(from)) return readRegistryRow(key, items, name, from)
  if (elsewhere.test(from))
    return { kind: 'elsewhere', name, version: '', info: infoAt(key, items, 1) }
  throw malformed(key, 'comes from a place that is not known')
}

function readRegistryRow(
  key: string,
  items: readonly unknown[],
  name: string,
  version: string,
): Row {
  if (typeof items[1] !== 'string' || typeof items[3] !== 'string')
    throw malformed(key, 'is not a name with version, a registry, a description and a checksum')
  shown(version, limits.name, key, 'the version')
  return { kind: 'registry', name, version, info: infoAt(key, items, 2) }
}

/** `@scope/name@rest`: no name has an `@` but before its scope. */
function splitIdentifier(key: string, item: unknown): { name: string; from: string } {
  if (typeof item !== 'string') throw malformed(key, 'does not begin with text')
  const at = item.indexOf('@', 1)
  if (item.startsWith('@root:')) return { name: '', from: item.slice(1) }
  if (at === -1) throw malformed(key, 'has a name without a version')
  return { name: item.slice(0, at), from: item.slice(at + 1) }
}

function infoAt(key: string, items: readonly unknown[], index: number): Fields {
  const info = items[index]
  if (!isFields(info)) throw malformed(key, 'has no description of the package')
  return info
}

/** Takes `a/@s/b/c` apart into the folder `a/@s/b` and the name `c`. */
export function splitKey(key: string): { readonly folder: string; readonly name: string } {
  shown(key, limits.place, key, 'its key')
  let slash = key.lastIndexOf('/')
  const before = key.lastIndexOf('/', slash - 1)
  if (slash > 0 && key[before + 1] === '@') slash = before
  const name = key.slice(slash + 1)
  if (!isNpmName(name) || key.split('/').length > limits.depth)
    throw malformed(key, 'is no key of a package')
  return { folder: key.slice(0, Math.max(slash, 0)), name }
}
