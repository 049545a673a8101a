declare global {
  interface ArkEnv {
    /** What a rule of ours carries beside what arktype knows. */
    meta(): {
      /** {@linkcode Rule.code} */
      'x-code'?: string
      /** For the document alone: the rule itself counts code points, as JSON Schema does. */
      minLength?: number
      maxLength?: number
    }
  }
}

/** A rule that has a word of its own in the answer. */
export interface Rule {
  /** The stable word: `email`, `phone`. */
  readonly code: string
  /** What would be right, to stand after "must be". Never holds the value. */
  readonly expected: string
}

/** What carries a rule's words on an arktype type: `.configure(spokenAs(rule))`. */
export const spokenAs = ({ code, expected }: Rule) => ({ description: expected, 'x-code': code })

/** A fault of a rule, for `ctx.error` in a pipe, which knows nothing of the type around it. */
export const broken = ({ code, expected }: Rule) => ({ expected, meta: { 'x-code': code } })
