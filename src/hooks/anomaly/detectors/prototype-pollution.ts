import type { View } from '../view.ts'

/** A step of a path: `.x`, `[x]`, `['x']`. */
const step = `(?:\\.[\\w$]{1,80}|\\[\\s{0,4}\\\\?["']?[^\\]"'\\\\]{0,80}\\\\?["']?\\s{0,4}\\])`

/** `__proto__` or `constructor`, then `prototype`, as a path has it. */
const gate = `(?:__proto__\\\\?["']?\\]?|constructor\\\\?["']?\\]?\\s{0,4}(?:\\.\\s{0,4}|\\[\\s{0,4}\\\\?["']?)prototype\\\\?["']?\\]?)`

/** Something of the prototype is set. */
const written = new RegExp(`${gate}(?:${step}){1,8}\\s{0,8}=(?![=>~])`)

/**
 * A parameter's name by itself, or up to its value: the path begins the text and has no spaces.
 * The gate is all of it, or in brackets, or something follows: `x.__proto__` alone is looked up.
 */
const parameter = new RegExp(
  `^[?&#;\\s]{0,4}(?:__proto__$|(?:[\\w$-]{0,80}(?:${step}){0,8}?[.[]["']?)?${gate}(?:(?:${step}){1,8}(?:$|=)|=)|[\\w$-]{0,80}(?:\\[[^\\]]{0,80}\\]){0,8}?\\[(?:__proto__|constructor\\]\\[prototype)\\](?:$|=))`,
)

/** A key of a JSON object, whose value is an object or anything else. */
const key =
  /\\?["']__proto__(?:[.[][^"'\\]{0,80})?\\?["']\s{0,8}:|\\?["']constructor\\?["']\s{0,8}:\s{0,8}\{\s{0,8}\\?["']prototype\\?["']\s{0,8}:|\\?["']constructor\.prototype(?:\.[^"'\\]{0,80})?\\?["']\s{0,8}:/

/**
 * Tells prototype pollution (CWE-1321): a name or key that leads from an object to the prototype
 * of all objects, and sets something there. Code and prose that speak of `__proto__` are honest.
 */
export function prototypePollution({ lower }: View): number {
  if (!lower.includes('proto')) return 0
  // A filter that takes out the name once leaves it behind.
  if (lower.includes('__pro__proto__to__')) return 0.9
  if (key.test(lower) || parameter.test(lower)) return 0.95
  return written.test(lower) ? 0.85 : 0
}
