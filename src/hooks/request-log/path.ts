import { pathOf } from '../request-target.ts'

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Parameters that name a row. Others (`:secret`) are not shown, whatever they look like. */
const isId = (parameter: string): boolean => /^:(?:id|\w+Id)$/.test(parameter)

/**
 * The path of a request as a log may show it: the route's template, with the ids in it. Nothing
 * else that the client wrote is repeated: a path can hold secrets, a query numbers.
 *
 * @param route undefined where no route matched: then nothing is known to be safe
 */
export function shownPath(route: string | undefined, url: string): string | undefined {
  if (route?.includes(':') !== true) return route
  const given = pathOf(url).split('/')
  return route
    .split('/')
    .map((part, index) => {
      const value = given[index]
      return isId(part) && value !== undefined && uuid.test(value) ? value.toLowerCase() : part
    })
    .join('/')
}
