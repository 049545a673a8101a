/** What of a report is kept, within bounds: advisories are written by strangers. */
import type { StoredIgnore, StoredRemedy } from '#db/schema/index.ts'
import { redactText } from '../../redaction/index.ts'
import type { Finding, Remedy, ScanReport } from '../model.ts'
import type { VulnerabilityRow } from './queries.ts'

/** Characters of one text: a title, an id, a step of a path. */
const textLimit = 500

/** Characters of an address. */
const urlLimit = 2048

/** Entries of one list: aliases, steps of a path, commands. */
const listLimit = 100

/** Why a scan is not complete: sentences, and characters in all. */
const problemLimit = 20
const errorLimit = 4000

/** What a finding says, whenever it was first seen. */
export type FoundVulnerability = Omit<
  VulnerabilityRow,
  'id' | 'clientId' | 'firstSeenAt' | 'lastSeenAt' | 'fixedAt' | 'lastScanId' | 'createdAt'
>

/** A finding as a row tells it. */
export function foundVulnerability(finding: Finding): FoundVulnerability {
  const { package: installed, advisory, paths, ignored, remedy } = finding
  return {
    package: text(installed.name),
    version: text(installed.version),
    severity: advisory.severity,
    advisory: text(advisory.id),
    aliases: texts(advisory.aliases),
    title: text(advisory.title),
    url: addressOf(advisory.url),
    path: texts(paths[0] ?? []),
    dev: finding.development,
    fixedIn: finding.fixedIn === undefined ? null : text(finding.fixedIn),
    remedy: remedy === undefined ? null : storedRemedy(remedy),
    ignored: ignored === undefined ? null : storedIgnore(ignored),
  }
}

const storedRemedy = (remedy: Remedy): StoredRemedy => ({
  kind: remedy.kind,
  package: text(remedy.package),
  version: text(remedy.version),
  breaking: remedy.breaking,
  write: remedy.write ?? null,
  commands: texts(remedy.commands),
  leaves: texts(remedy.leaves),
})

const storedIgnore = ({ reason, expires }: NonNullable<Finding['ignored']>): StoredIgnore => ({
  reason: text(reason),
  expires: expires ?? null,
})

/** Why a scan is not complete, in one text; undefined where it is. */
export function reasonOf({
  status,
  problems,
}: Pick<ScanReport, 'status' | 'problems'>): string | undefined {
  if (status === 'complete') return undefined
  const told = problems.slice(0, problemLimit)
  const more = problems.length - told.length
  const sentences = more > 0 ? [...told, `And ${more} more.`] : told
  return redactText(text(sentences.join(' '), errorLimit), errorLimit) || 'Nobody said why.'
}

/** An address that a browser may be sent to. */
function addressOf(url: string | undefined): string | null {
  const isHttp = url !== undefined && url.length <= urlLimit && URL.canParse(url)
  return isHttp && /^https?:$/.test(new URL(url).protocol) ? url : null
}

const texts = (items: readonly string[]): string[] =>
  items.slice(0, listLimit).map((item) => text(item))

/** PostgreSQL keeps no NUL and no half of a surrogate pair; nor does a terminal want what it obeys. */
const text = (given: string, limit = textLimit): string =>
  given.slice(0, limit).replaceAll(control, ' ').toWellFormed()

const control = /\p{Cc}/gu
