/** Names that are nobody's business: left out of every question to another machine. */

/**
 * Whether a name is private.
 *
 * @param patterns exact names, or scopes (`@acme`, `@acme/*`)
 */
export function isPrivate(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const scope = /^(@[^/]+)(?:\/\*?)?$/.exec(pattern)?.[1]
    // Registries fold case in some ages of theirs: a private name must not slip out by its case.
    const [a, b] = [name.toLowerCase(), (scope === undefined ? pattern : `${scope}/`).toLowerCase()]
    return scope === undefined ? a === b : a.startsWith(b)
  })
}

/** What is left to ask about. */
export function withoutPrivate<T extends { readonly name: string }>(
  packages: readonly T[],
  patterns: readonly string[],
): readonly T[] {
  return patterns.length === 0
    ? packages
    : packages.filter(({ name }) => !isPrivate(name, patterns))
}
