/** Headers as Elysia keeps them while a request is on its way. */
type SetHeaders = Readonly<Record<string, unknown>>

/** What is the same in each answer of a route. */
interface Template {
  readonly headers: Headers
  /** The same by name, to compare with. */
  readonly fields: SetHeaders
  readonly size: number
}

/** What is known of a route's answers. */
interface Route {
  template: Template | undefined
  last: SetHeaders | undefined
  /** Names whose values have differed before. */
  readonly varying: Set<string>
}

/** Routes that are kept at most: an app's own, so there are never more but by mistake. */
const routeLimit = 1000

/**
 * Makes answers with the headers that hooks have set. Of a dozen and a half fields most are the same
 * each time (security headers, types, policies), and to begin with a copy of a `Headers` costs a tenth
 * of filling one: so what two answers of a route had in common becomes its template, and each further
 * answer is compared with it field by field. Nothing but what is set ever stands in an answer.
 */
export function alikeAnswers() {
  const routes = new Map<string, Route>()

  /** @returns undefined where a value is no plain one (a list of cookies): Elysia has words for those */
  return (
    name: string,
    body: string | null,
    { status, headers: set }: { readonly status: number; readonly headers: SetHeaders },
  ): Response | undefined => {
    const route = routes.get(name) ?? begin(routes, name)
    const { template } = route
    if (template !== undefined) {
      const answer = new Response(body, { status, headers: template.headers })
      if (fill(answer.headers, set, template)) return answer
    }
    learn(route, set)
    const headers = whole(set)
    return headers && new Response(body, { status, headers })
  }
}

function begin(routes: Map<string, Route>, name: string): Route {
  if (routes.size >= routeLimit) routes.clear()
  const route: Route = { template: undefined, last: undefined, varying: new Set() }
  routes.set(name, route)
  return route
}

/** Adds what is not in the template. @returns whether all of the template is set, and all is plain */
function fill(headers: Headers, set: SetHeaders, { fields, size }: Template): boolean {
  let same = 0
  for (const name in set) {
    const value = set[name]
    if (value !== undefined && value === fields[name]) same++
    else if (typeof value === 'string') headers.set(name, value)
    else if (typeof value === 'number') headers.set(name, String(value))
    else return false
  }
  return same === size
}

function whole(set: SetHeaders): Headers | undefined {
  const headers = new Headers()
  for (const name in set) {
    const value = set[name]
    if (typeof value !== 'string' && typeof value !== 'number') return undefined
    headers.set(name, String(value))
  }
  return headers
}

/** Takes what this answer and the one before have in common, but for what has varied before. */
function learn(route: Route, set: SetHeaders): void {
  const { last, varying } = route
  route.last = { ...set }
  if (last === undefined) return
  const fields: Record<string, unknown> = Object.create(null)
  const headers = new Headers()
  let size = 0
  for (const name of new Set([...Object.keys(last), ...Object.keys(set)])) {
    const value = set[name]
    if (value !== last[name]) varying.add(name)
    if (typeof value !== 'string' || varying.has(name)) continue
    fields[name] = value
    headers.set(name, value)
    size++
  }
  route.template = { headers, fields, size }
}
