/** A bounded memory of short texts. */
export interface KnownTexts {
  has(text: string): boolean
  add(text: string): void
}

const longest = 256
const most = 1024

/**
 * Remembers the texts that were found to be clean: most requests of a client carry the same
 * headers. When it is full it begins anew, so that each memory holds 256 K characters at most.
 */
export function knownTexts(): KnownTexts {
  const texts = new Set<string>()
  return {
    has: (text) => text.length <= longest && texts.has(text),
    add(text) {
      if (text.length > longest) return
      if (texts.size >= most) texts.clear()
      texts.add(text)
    },
  }
}
