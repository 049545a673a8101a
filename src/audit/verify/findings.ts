/** What can be wrong with the trail. docs/audit.md tells what each means to an operator. */
export type FindingKind =
  | 'row_changed'
  | 'row_removed'
  | 'row_inserted'
  | 'row_moved'
  | 'row_forged'
  | 'personal_changed'
  | 'personal_emptied'
  | 'erasure_wrong'
  | 'seal_missing'
  | 'seal_changed'
  | 'seal_out_of_place'
  | 'leaves_changed'
  | 'key_unknown'
  | 'anchor_missing'
  | 'anchor_differs'

/** One thing that is wrong. */
export interface Finding {
  readonly kind: FindingKind
  /** In a sentence, for a person. Names rows and seals, never what is in a row. */
  readonly text: string
  /** The row, where it is about one. */
  readonly rowId?: string
  /** The position of the seal, where it is about one. */
  readonly position?: number
}

/** Collects findings: all are counted, the first are kept. */
export interface Findings {
  add(kind: FindingKind, text: string, about?: Pick<Finding, 'rowId' | 'position'>): void
  readonly kept: readonly Finding[]
  readonly count: number
}

/** @param most findings that are kept */
export function findings(most: number): Findings {
  const kept: Finding[] = []
  let count = 0
  return {
    add(kind, text, about = {}) {
      count += 1
      if (kept.length < most) kept.push({ kind, text, ...about })
    },
    kept,
    get count() {
      return count
    },
  }
}
