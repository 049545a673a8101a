/** Headers as Elysia keeps them while a request is on its way. */
type SetHeaders = Readonly<Record<string, unknown>>

/** An answer of a route, to begin the next from. */
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
  /** Names that not all answers have. */
  readonly optional: Set<string>
}

/** Routes that are kept at most: an app's own, so there are never more but by mistake. */
const routeLimit = 1000

/**
 * Makes answers with the headers that hooks have set. A route sets the same dozen and a half each time,
 * most to the same values (security headers, types, policies), and to begin with a copy of a `Headers`
 * costs a tenth of filling one: so an earlier answer of the route is the template of the next, which is
 * compared with it field by field. Nothing but what is set ever stands in an answer.
 */
export function alikeAnswers() {
  const routes = new Map<string, Route>()

  /**
   * @returns undefined where a value is no plain one (a list of cookies), or a name is not in lower case
   *   and may stand there twice: Elysia has words for those
   */
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
    const headers = whole(set)
    if (headers === undefined) return undefined
    learn(route, set)
    return new Response(body, { status, headers })
  }
}

function begin(routes: Map<string, Route>, name: string): Route {
  if (routes.size >= routeLimit) routes.clear()
  const route: Route = { template: undefined, last: undefined, optional: new Set() }
  routes.set(name, route)
  return route
}

/** Sets what differs from the template. @returns whether all of the template is set, and all is plain */
function fill(headers: Headers, set: SetHeaders, { fields, size }: Template): boolean {
  let known = 0
  for (const name in set) {
    const value = set[name]
    const before = fields[name]
    if (value === undefined) return false
    if (before !== undefined) known++
    else if (!isLowerCase(name)) return false
    if (value === before) continue
    if (typeof value === 'string') headers.set(name, value)
    else if (typeof value === 'number') headers.set(name, String(value))
    else return false
  }
  return known === size
}

function whole(set: SetHeaders): Headers | undefined {
  const headers = new Headers()
  for (const name in set) {
    const value = set[name]
    if (!isPlain(value) || !isLowerCase(name)) return undefined
    headers.set(name, String(value))
  }
  return headers
}

/** Takes this answer for the template, but for names that others had not. */
function learn(route: Route, set: SetHeaders): void {
  const { last = set, optional } = route
  for (const name of [...Object.keys(last), ...Object.keys(set)])
    if (!(name in last && name in set)) optional.add(name)
  route.last = { ...set }
  const fields: Record<string, unknown> = Object.create(null)
  const headers = new Headers()
  let size = 0
  for (const name in set) {
    if (optional.has(name)) continue
    fields[name] = set[name]
    headers.set(name, String(set[name]))
    size++
  }
  route.template = { headers, fields, size }
}

/** Whether a name is written as all hooks of ours write it. */
export const isLowerCase = (name: string): boolean => name === name.toLowerCase()

const isPlain = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number'
