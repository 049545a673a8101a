/**
 * A request on which a hook keeps something, under a symbol of its own. What a `WeakMap` would keep
 * of each request costs its collection, too: by the ten thousand a second, that shows.
 */
export type Keeping<Key extends symbol, Value> = Request & { [key in Key]?: Value }
