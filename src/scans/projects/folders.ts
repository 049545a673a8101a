/**
 * A folder that packages are looked for in, by the name they are wanted by. A package looks into its
 * own first, then into those around it: as Node.js does, and as the keys of bun.lock mean it.
 */
export interface Folder {
  readonly parent: Folder | undefined
  /** Name to key. */
  readonly packages: Map<string, string>
}

/** The key of what a package in this folder gets for a name; undefined where there is nothing. */
export function lookUp(folder: Folder, name: string): string | undefined {
  for (let at: Folder | undefined = folder; at !== undefined; at = at.parent) {
    const key = at.packages.get(name)
    if (key !== undefined) return key
  }
  return undefined
}

/**
 * Finds or makes folders by place.
 *
 * @param around the place around a place; undefined for the outermost
 */
export function createFolders(
  around: (place: string) => string | undefined,
): (place: string) => Folder {
  const folders = new Map<string, Folder>()
  const at = (place: string): Folder => {
    const known = folders.get(place)
    if (known !== undefined) return known
    const outer = around(place)
    const folder = { parent: outer === undefined ? undefined : at(outer), packages: new Map() }
    folders.set(place, folder)
    return folder
  }
  return at
}
