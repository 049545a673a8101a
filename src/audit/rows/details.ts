import { canonicalJson } from '../canonical-json.ts'
import { personalDetails, sealedDetails } from '../sealed-form.ts'

/** What the hashes take of `details`. */
export interface DetailTexts {
  /** In the sealed form. */
  readonly sealed: Buffer
  /** In the personal commitment; undefined where there is nothing personal. */
  readonly personal: Buffer | undefined
}

/** So many texts are remembered; of most events the details are one of a few. */
const remembered = 4096

/** Longer ones are seldom the same twice. */
const longest = 256

/** Makes the canonical texts of `details` as PostgreSQL writes them, remembering those of short ones. */
export function detailTexts(): (text: string) => DetailTexts {
  const known = new Map<string, DetailTexts>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const texts = canonicalTexts(text)
    if (text.length <= longest) {
      if (known.size >= remembered) known.clear()
      known.set(text, texts)
    }
    return texts
  }
}

function canonicalTexts(text: string): DetailTexts {
  try {
    const details = JSON.parse(text)
    const personal: unknown = details[personalDetails]
    return {
      sealed: Buffer.from(sealedDetails(details)),
      personal: personal === undefined ? undefined : Buffer.from(canonicalJson(personal)),
    }
  } catch {
    // Nothing that Caly wrote: 1e999, or nested deeper than the stack. The hashes will not agree.
    return { sealed: Buffer.from(text), personal: undefined }
  }
}
