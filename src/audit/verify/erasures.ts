import { type } from 'arktype'
import { erasureDetails, erasureDigest, erasureEvent } from '../erasure.ts'
import type { Queries } from '../rows/read-rows.ts'
import type { RowView } from '../rows/row-view.ts'
import { uuidText } from '../seals/leaves.ts'
import type { Findings } from './findings.ts'

const statement = type('string.json.parse').to(erasureDetails)

const eventBytes = Buffer.from(erasureEvent)

/**
 * Holds emptied rows against the events that tell of erasures: an emptied row without one is a
 * finding, and an event whose rows are not those that are emptied.
 */
export function erasureCheck(findings: Findings) {
  const stated = new Map<string, typeof erasureDetails.infer>()
  /** By digest: how many rows, and one of them. */
  const emptied = new Map<string, { count: number; readonly rowId: string }>()
  let erased = 0
  return {
    /** Looks at any row. */
    see(row: RowView): void {
      if (!row.is('event_type', eventBytes)) return
      const details = statement(row.details)
      if (!(details instanceof type.errors)) stated.set(details.digest, details)
    },
    /** Looks at a row whose personal fields are empty. */
    seeEmptied(row: RowView): void {
      const erasure = row.bytes('erasure')
      const rowId = uuidText(row.id)
      if (erasure === undefined) {
        noErasure(findings, rowId)
        return
      }
      erased += 1
      const digest = erasure.toString('hex')
      const known = emptied.get(digest)
      if (known === undefined) emptied.set(digest, { count: 1, rowId })
      else known.count += 1
    },
    /**
     * Judges, once all rows were seen.
     *
     * @param isDropped whether a month is not there any more
     * @returns how many rows are emptied by an erasure
     */
    async end(queries: Queries, isDropped: (month: string) => boolean): Promise<number> {
      for (const [digest, { rowId }] of emptied) if (!stated.has(digest)) noErasure(findings, rowId)
      for (const { digest, month, rows } of stated.values()) {
        if (isDropped(month)) continue
        const found = emptied.get(digest)?.count ?? 0
        if (found === rows && (await digestOf(queries, digest)) === digest) continue
        findings.add(
          'erasure_wrong',
          `An erasure of ${month} emptied ${rows} rows; ${found} say that it emptied them, and they are not the same`,
        )
      }
      return erased
    },
  }
}

const noErasure = (findings: Findings, rowId: string) =>
  findings.add(
    'personal_emptied',
    `The personal fields of row ${rowId} are empty, and no erasure tells of it`,
    { rowId },
  )

/** The digest over the rows that say that they were emptied by the erasure of this one. */
async function digestOf(queries: Queries, digest: string): Promise<string> {
  const { rows } = await queries.query({
    text: 'select id from audit_logs where erasure = $1 order by id',
    values: [Buffer.from(digest, 'hex')],
  })
  const ids = (rows as readonly { readonly id: string }[]).map(({ id }) => id)
  return erasureDigest(ids).toString('hex')
}
