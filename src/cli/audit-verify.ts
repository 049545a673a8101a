import { stat } from 'node:fs/promises'
import { AnchorError, readAnchors, type VerifyReport, verifyTrail } from '../audit/index.ts'
import { readConfig } from '../config.ts'
import { withTrail } from './audit-trail.ts'
import type { Command, Values } from './command.ts'
import { environment, print } from './environment.ts'
import { UsageError } from './usage-error.ts'

/** `caly audit verify` */
export const verifyCommand: Command = {
  usage: '[--anchor FILE] [--json]',
  help: () =>
    [
      'Reads every row and every seal, and names what is not as Caly wrote it. Exit code 1: something',
      'is wrong.',
      '  --anchor FILE  what AUDIT_ANCHOR wrote: without it nobody can tell that the end of the trail',
      '                 was cut off together with its seals. Default: the file that AUDIT_ANCHOR names,',
      '                 where it is there',
      '  --json         the whole report as JSON',
      'See docs/audit.md.',
    ].join('\n'),
  options: { anchor: { type: 'string' }, json: { type: 'boolean' } },
  async run(values) {
    const anchor = values['anchor'] ?? (await ownAnchor())
    const anchors = await anchorsOf({ anchor })
    const report = await withTrail(({ database, macs, keys }) =>
      verifyTrail({
        client: database.client,
        macs,
        publicKeys: keys.publicKeys,
        ...(anchors !== undefined && { anchors }),
      }),
    )
    const lines =
      values['json'] === true
        ? [JSON.stringify({ ...report, anchor }, null, 2)]
        : told(report, String(anchor))
    for (const line of lines) print(line)
    return report.intact ? 0 : 1
  },
}

/** The heads that `--anchor` names. @throws {UsageError} if they cannot be read */
export async function anchorsOf({ anchor }: Values) {
  if (typeof anchor !== 'string') return undefined
  try {
    return await readAnchors(anchor)
  } catch (error) {
    if (error instanceof AnchorError) throw new UsageError(error.message, { cause: error })
    throw error
  }
}

/** The file that the service writes the heads to; undefined for a URL, and where it is not there. */
async function ownAnchor(): Promise<string | undefined> {
  const { anchor } = readConfig(environment()).audit
  if (anchor === undefined) return undefined
  const found = await stat(anchor).catch(() => undefined)
  return found?.isFile() === true ? anchor : undefined
}

/** Findings that are printed; `--json` has more. */
const shown = 100

function told(report: VerifyReport, anchor: string): string[] {
  const { rows, unsealed, erased, seals, anchored, dropped, head, findings, findingCount } = report
  const lines = findings.slice(0, shown).map(({ kind, text }) => `${kind}: ${text}`)
  if (findingCount > lines.length) lines.push(`and ${findingCount - lines.length} more findings`)
  lines.push(
    `${rows} rows read, ${unsealed} of them not sealed yet, ${erased} with erased personal fields`,
    anchored === 0
      ? `${seals} seals checked, none of them against an anchor`
      : `${seals} seals checked, ${anchored} anchored ones compared, of ${anchor}`,
  )
  if (dropped.length > 0) lines.push(`Dropped by retention: ${dropped.join(', ')}`)
  if (head !== undefined)
    lines.push(
      `Head: seal ${head.position} of ${head.createdAt.toISOString()}, ${head.totalCount} rows in all`,
      `  hash ${head.hash}`,
      `  key ${head.keyId}`,
    )
  return [...lines, findingCount === 0 ? 'The trail is intact' : `${findingCount} findings`]
}
