import type { DependencyKind, PackageId } from '../model.ts'
import { type Fields, isFields, listOf, malformed, shown, textOf } from './fields.ts'
import type { Gaps } from './gaps.ts'
import { type Budget, limits } from './limits.ts'
import { readPackageUrl } from './package-url.ts'

/** A component, flat, with who holds it. */
export interface Component extends PackageId {
  readonly key: string
  /** The key of the component that it is a part of; undefined for the outermost. */
  readonly holder: string | undefined
  /** The `bom-ref` that the graph has it by. */
  readonly ref: string | undefined
  /** What it is for, which an SBOM says of a component and not of an edge. */
  readonly kind: DependencyKind
}

/** Where components go. */
export interface ComponentReader {
  readonly packages: Budget
  readonly gaps: Gaps
  /** The project's own `bom-ref`: some tools list it among the components as well. */
  readonly root: string | undefined
}

/** Reads components and those in them, to any depth and without a call for each. */
export function readComponents(
  lists: readonly (readonly unknown[])[],
  { packages, gaps, root }: ComponentReader,
): ReadonlyMap<string, Component> {
  const found = new Map<string, Component>()
  const freeKey = createKeys()
  const next: { readonly value: unknown; readonly holder: string | undefined }[] = []
  const enter = (list: readonly unknown[], holder: string | undefined) => {
    packages.spend(list.length)
    for (const value of list.toReversed()) next.push({ value, holder })
  }
  for (const list of lists.toReversed()) enter(list, undefined)
  for (let item = next.pop(); item !== undefined; item = next.pop()) {
    if (!isFields(item.value)) throw malformed('components', 'has an item that is not an object')
    const component = readComponent(item.value, item.holder, freeKey, gaps)
    const own = root !== undefined && component.ref === root
    if (!own) found.set(component.key, component)
    enter(listOf(item.value, 'components', component.key) ?? [], own ? undefined : component.key)
  }
  return found
}

function readComponent(
  fields: Fields,
  holder: string | undefined,
  freeKey: (wanted: string) => string,
  gaps: Gaps,
): Component {
  const name = placeOf(fields, 'name', 'components')
  if (name === undefined || name === '') throw malformed('components', 'has an item without a name')
  const ref = placeOf(fields, 'bom-ref', name)
  const id = identify(fields, name, gaps)
  const key = freeKey(ref ?? `${id.name}@${id.version}`)
  return { ...id, key, ref, holder, kind: kindOf(fields, name) }
}

/** A `bom-ref` should be there once, and a key that was made up may be taken: those get a number. */
function createKeys(): (wanted: string) => string {
  const uses = new Map<string, number>()
  return function freeKey(wanted: string): string {
    const use = (uses.get(wanted) ?? 0) + 1
    uses.set(wanted, use)
    return use === 1 ? wanted : freeKey(`${wanted} (${use})`)
  }
}

/** References, package URLs and the paths of files are longer than names. */
function placeOf(fields: Fields, field: string, where: string): string | undefined {
  const value = fields[field]
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw malformed(where, `"${field}" is not text`)
  return shown(value, limits.place, where, `"${field}"`)
}

function identify(fields: Fields, name: string, gaps: Gaps): PackageId {
  const group = textOf(fields, 'group', name) ?? ''
  const version = textOf(fields, 'version', name) ?? ''
  const plain = { ecosystem: '', name: group === '' ? name : `${group}/${name}`, version }
  const purl = placeOf(fields, 'purl', name)
  const label = version === '' ? plain.name : `${plain.name}@${version}`
  if (purl === undefined || purl === '') return without('Without a package URL', label)
  const url = readPackageUrl(purl)
  if (url === undefined) return without('With a package URL that is none', `${label} (${purl})`)
  const { type, ...id } = url
  shown(id.name, limits.name, name, 'the name in "purl"')
  shown(id.version, limits.name, name, 'the version in "purl"')
  if (id.ecosystem === '') without(`Of a kind that is not looked up (${type})`, label)
  else if (id.version === '' && version === '') without('Without a version', label)
  return { ...id, version: id.version === '' ? version : id.version }

  function without(reason: string, what: string): PackageId {
    gaps.add(reason, what)
    return plain
  }
}

/** How generators of npm, Composer and others mark what only development needs. */
const developmentProperty = /^cdx:[a-z]+:package:(?:development|isDevRequirement)$/

function kindOf(fields: Fields, name: string): DependencyKind {
  const scope = textOf(fields, 'scope', name)
  const properties = listOf(fields, 'properties', name) ?? []
  const marked = properties.some(
    (property) =>
      isFields(property) &&
      typeof property['name'] === 'string' &&
      developmentProperty.test(property['name']) &&
      property['value'] === 'true',
  )
  if (marked || scope === 'excluded') return 'development'
  return scope === 'optional' ? 'optional' : 'production'
}
