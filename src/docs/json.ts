/** A JSON object. */
export type Json = { readonly [key: string]: unknown }

/** Whether a value is an object, and no array. */
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object with each value replaced. */
export function mapValues(object: Json, map: (value: unknown, key: string) => unknown): Json {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]))
}
