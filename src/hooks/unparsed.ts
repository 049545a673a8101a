import type { AnyElysia } from 'elysia'

/** The body of such a request means nothing (RFC 9110 §9.3.1), and nobody reads it. */
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/**
 * Takes the parsers off the routes that read no body. Elysia gives each to every route, never calls it
 * for these, and has them wait a turn of the event loop all the same. To be called when all routes
 * are there.
 */
export function unparsed(app: AnyElysia): void {
  for (const { method, hooks } of app.routes)
    if (bodiless.has(method)) Reflect.deleteProperty(hooks, 'parse')
}
