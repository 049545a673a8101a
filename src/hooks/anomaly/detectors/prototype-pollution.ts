import { isAt } from '../places.ts'
import type { View } from '../view.ts'

/** A step of a path: `.x`, `[x]`, `['x']`. */
const step = `(?:\\.[\\w$]{1,80}|\\[\\s{0,4}\\\\?["']?[^\\]"'\\\\]{0,80}\\\\?["']?\\s{0,4}\\])`

/** `constructor`, then `prototype`, as a path has it. */
const constructors = `constructor\\\\?["']?\\]?\\s{0,4}(?:\\.\\s{0,4}|\\[\\s{0,4}\\\\?["']?)prototype\\\\?["']?\\]?`

/** That, or `__proto__`. */
const gate = `(?:__proto__\\\\?["']?\\]?|${constructors})`

/** Something of the prototype is set. */
const written = new RegExp(`${gate}(?:${step}){1,8}\\s{0,8}=(?![=>~])`, 'y')

/**
 * A parameter's name by itself, or up to its value: the path begins the text and has no spaces.
 * The gate is all of it, or in brackets, or something follows: `x.__proto__` alone is looked up.
 */
const parameter = new RegExp(
  `^[?&#;\\s]{0,4}(?:__proto__$|(?:[\\w$-]{0,80}(?:${step}){0,8}?[.[]["']?)?${gate}(?:(?:${step}){1,8}(?:$|=)|=)|[\\w$-]{0,80}(?:\\[[^\\]]{0,80}\\]){0,8}?\\[(?:__proto__|constructor\\]\\[prototype)\\](?:$|=)|\\[["']__proto__["']\\]\\[|\\{\\s{0,4}__proto__\\s{0,4}:\\s{0,4}\\{|object\\.prototype(?:${step}){1,8}=(?!=)\\S{0,80}$)`,
)

/** A key of a JSON object, whose value is an object or anything else. */
const key = /__proto__(?:[.[][^"'\\]{0,80})?\\?["']\s{0,8}:/y

const constructorKey =
  /constructor(?:\\?["']\s{0,8}:\s{0,8}\{\s{0,8}\\?["']prototype\\?["']\s{0,8}:|\.prototype(?:\.[^"'\\]{0,80})?\\?["']\s{0,8}:)/y

/** Python's way from an object to its class and module, as keys or as a path that is all there is. */
const ofPython =
  /["']__(?:class|init|globals|base|mro|dict|builtins)__\\?["']\s{0,8}:|^(?:[\w-]{1,40}[.[])?(?:__(?:class|init|base|globals)__[\].[]{1,2}){1,6}__(?:class|init|globals|base|mro|dict|builtins)__[\w.[\]]{0,80}(?:=|$)/

/**
 * Tells prototype pollution (CWE-1321), and Python's like: a name or key that leads from an object
 * to the prototype of all objects, and sets something there. Code and prose that speak of
 * `__proto__` are honest.
 */
export function prototypePollution({ lower }: View): number {
  if (!lower.includes('proto'))
    return lower.includes('__') && ofPython.test(lower.slice(0, longestPath)) ? 0.8 : 0
  if (survivesFilter(lower, '__proto__') || survivesFilter(lower, 'constructor')) return 0.9
  if (parameter.test(lower.slice(0, longestPath))) return 0.95
  if (isAt(lower, '__proto__', key) || isAt(lower, 'constructor', constructorKey)) return 0.95
  return isAt(lower, '__proto__', written) || isAt(lower, 'constructor', written) ? 0.85 : 0
}

/** Paths and documents that come as one value are shorter, or begin with what tells. */
const longestPath = 1024

/** A filter that takes the name out once leaves it behind: `__pro__proto__to__`. */
function survivesFilter(lower: string, name: string): boolean {
  const at = lower.indexOf(name)
  if (at < 1) return false
  const behind = at + name.length
  const before = lower.slice(Math.max(0, at - name.length + 1), at)
  return (before + lower.slice(behind, behind + name.length - 1)).includes(name)
}
