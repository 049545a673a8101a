/** Keys up to which looking through a list is faster than hashing: most objects have fewer. */
const listed = 16

/** The keys of one object. Used again for the next one, so that small objects cost no allocation. */
export class SeenKeys {
  readonly #list: string[] = []
  #size = 0
  #set: Set<string> | undefined

  /** Forgets all keys. */
  clear(): void {
    this.#size = 0
    this.#set = undefined
  }

  /** Notes a key. @returns whether it was there already */
  note(key: string): boolean {
    if (this.#set !== undefined) return this.#set.size === this.#set.add(key).size
    for (let index = 0; index < this.#size; index += 1) if (this.#list[index] === key) return true
    if (this.#size === listed) this.#set = new Set(this.#list).add(key)
    else this.#list[this.#size++] = key
    return false
  }
}
