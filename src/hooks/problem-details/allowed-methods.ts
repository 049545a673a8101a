/** A route as `app.routes` lists it. */
interface ListedRoute {
  readonly method: string
  readonly path: string
}

/** Which methods a path takes, in the order of `Allow`; empty where no route has that path. */
export type AllowedMethods = (path: string) => readonly string[]

/**
 * Finds the methods of a path among an app's routes (RFC 9110 §10.2.1). Elysia itself answers 404
 * for a wrong method. The routes are read on first use, and again when there are more.
 *
 * @param strict whether a trailing slash makes another path, as Elysia's `strictPath` has it
 */
export function allowedMethods(
  routes: () => readonly ListedRoute[],
  strict: boolean,
): AllowedMethods {
  let known = -1
  let patterns: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = []
  return (path) => {
    const listed = routes()
    if (listed.length !== known) {
      known = listed.length
      patterns = compile(listed, strict)
    }
    const methods = patterns.filter(({ pattern }) => pattern.test(path)).flatMap((p) => p.methods)
    return [...new Set(methods)]
  }
}

function compile(routes: readonly ListedRoute[], strict: boolean) {
  const byPath = new Map<string, string[]>()
  for (const { method, path } of routes) byPath.set(path, [...(byPath.get(path) ?? []), method])
  return [...byPath].map(([path, methods]) => ({
    pattern: patternOf(path, strict),
    methods: [
      ...methods,
      ...(methods.includes('GET') && !methods.includes('HEAD') ? ['HEAD'] : []),
      ...(methods.includes('OPTIONS') ? [] : ['OPTIONS']),
    ],
  }))
}

/** Linear in the path: each part is a literal or everything up to the next slash. */
function patternOf(template: string, strict: boolean): RegExp {
  const parts = (strict ? template : template.replace(/\/$/, '')).split('/').map((part) => {
    if (part === '*') return '.*'
    if (part.startsWith(':')) return '[^/]+'
    return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('/')}${strict ? '' : '/?'}$`)
}
