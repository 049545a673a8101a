import type { ByPart } from '../validation/index.ts'

/** A route as `app.routes` lists it. */
interface ListedRoute {
  readonly method: string
  readonly path: string
  readonly hooks: ByPart
}

/**
 * Finds the schemas of a route by its method and template. The routes are read on first use, and
 * again when there are more.
 */
export function routeSchemas(
  routes: () => readonly ListedRoute[],
): (method: string, template: string | undefined) => ByPart {
  let known = -1
  let schemas: ReadonlyMap<string, ByPart> = new Map()
  return (method, template) => {
    const listed = routes()
    if (listed.length !== known) {
      known = listed.length
      schemas = new Map(listed.map(({ method, path, hooks }) => [`${method} ${path}`, hooks]))
    }
    return schemas.get(`${method} ${template}`) ?? {}
  }
}
