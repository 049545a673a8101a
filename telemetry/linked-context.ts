import { type Context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'

/**
 * A context that adds one value to another. The API's own copies a `Map` for each value, and makes
 * three functions: a fifth of what is thrown away after a request.
 */
class LinkedContext implements Context {
  readonly #parent: Context
  readonly #key: symbol
  readonly #value: unknown

  constructor(parent: Context, key: symbol, value: unknown) {
    this.#parent = parent
    this.#key = key
    this.#value = value
  }

  getValue(key: symbol): unknown {
    return key === this.#key ? this.#value : this.#parent.getValue(key)
  }

  setValue(key: symbol, value: unknown): Context {
    return new LinkedContext(this, key, value)
  }

  deleteValue(key: symbol): Context {
    return new LinkedContext(this, key, undefined)
  }
}

/** A context without values, to begin from in place of `ROOT_CONTEXT`. */
export const linkedRoot: Context = new LinkedContext(
  ROOT_CONTEXT,
  createContextKey('Caly linked root'),
  undefined,
)
