import process from 'node:process'
import type { AnyElysia } from 'elysia'

/** The stages that a route keeps its hooks for: of the others there is one list for the whole app. */
const stages = [
  'parse',
  'transform',
  'beforeHandle',
  'afterHandle',
  'mapResponse',
  'afterResponse',
  'error',
] as const

/** A hook as Elysia keeps it. */
interface Hook {
  readonly checksum?: number
  readonly scope?: string
}

/** A function that `app.use()` takes; it adds to the app's type what the plugin does. */
export type Everywhere<Plugin extends AnyElysia> = (app: AnyElysia) => Plugin

/**
 * Makes a plugin reach the routes that were added before it, too. Elysia gives a route the hooks that
 * are there when it is added, and shows the list in `app.routes`; it reads that list when the route
 * is asked for the first time.
 *
 * A route that has a hook already does not get it again.
 */
export function everywhere<Plugin extends AnyElysia>(plugin: Plugin): Everywhere<Plugin> {
  return (app) => {
    const earlier = [...app.routes]
    app.use(plugin)
    for (const { hooks } of earlier)
      for (const stage of stages) hooks[stage] = joined(plugin.event[stage], hooks[stage])
    return app as Plugin
  }
}

/** Whether an app answers this path already, below its own prefix. */
export const hasRoute = (app: AnyElysia, path: string): boolean =>
  app.routes.some((route) => route.path === `${app.config.prefix ?? ''}${path}`)

const warned = new Set<string>()

/**
 * Says once that a hook that wraps requests was used where Elysia leaves its wrap out: in the function
 * of a `group()` or `guard()`, or with `aot: false`.
 */
export function warnOfGroup(hook: string): void {
  if (warned.has(hook)) return
  warned.add(hook)
  process.emitWarning(
    `${hook}() does part of its work only: Elysia wraps no request for a group. Use it on the app, or on a plugin (new Elysia({ prefix }))`,
    { type: 'CalyWarning', code: 'CALY_GROUP' },
  )
}

/** Ours first, as though the plugin had been there before the route. */
function joined(
  ours: readonly Hook[] = [],
  theirs: Hook | readonly Hook[] = [],
): readonly Hook[] | undefined {
  const known = [theirs].flat()
  const checksums = new Set(known.map(({ checksum }) => checksum))
  const missing = ours.filter(
    ({ scope, checksum }) =>
      (scope === 'global' || scope === 'scoped') &&
      (checksum === undefined || !checksums.has(checksum)),
  )
  const all = [...missing, ...known]
  // Elysia takes an empty list for a hook.
  return all.length > 0 ? all : undefined
}
