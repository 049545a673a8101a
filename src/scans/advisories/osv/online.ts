/** OSV's API: what it knows of packages of any ecosystem. */
import { defaultOsvApi } from '../../endpoints.ts'
import type { HttpClient } from '../../http.ts'
import type { Advisory, AdvisorySource, PackageId } from '../../model.ts'
import { npmVersions } from '../npm-question.ts'
import { withoutPrivate } from '../private-names.ts'
import { counted, Gaps } from '../problems.ts'
import { advisoryOf, type PackageName, readRecord } from './advisories.ts'
import { idsOf } from './query.ts'
import { type OsvRecord, osvRecord } from './record.ts'

/** Options of {@linkcode osvApi}. */
export interface OsvApiOptions {
  readonly http: HttpClient
  /** @default {@linkcode defaultOsvApi} */
  readonly api?: string
  /** Names and scopes that are not asked about. @default none */
  readonly privateNames?: readonly string[]
}

/** Records of one scan: a project with more has other troubles than the ones that are left out. */
const mostRecords = 10_000

/**
 * Asks OSV's API: which records there are about each package and version, then for each of those once.
 *
 * Which of npm's versions a record is about is found out here, from its events. For other ecosystems the
 * API's word is taken: it knows their orders of versions, and its answer to a version is a list of one.
 */
export function osvApi({
  http,
  api = defaultOsvApi,
  privateNames = [],
}: OsvApiOptions): AdvisorySource {
  const base = api.replace(/\/+$/, '')
  return {
    name: 'OSV',
    async ask(packages, signal) {
      const unchecked = new Gaps(
        (count, why) => `OSV's advisories for ${counted(count, 'package')} are missing: ${why}.`,
      )
      const unread = new Gaps(
        (count, why) => `${counted(count, 'record')} of OSV cannot be read: ${why}.`,
      )
      const asked = question(withoutPrivate(packages, privateNames))
      const found = [...(await idsOf(asked, { http, api: base, missing: unchecked }, signal))]
      if (found.length > mostRecords) unread.add('there are too many', found.length - mostRecords)
      const advisories = await Promise.all(
        found.slice(0, mostRecords).map(async ([id, about]) => {
          const answer = await http.json(`${base}/v1/vulns/${encodeURIComponent(id)}`, {}, signal)
          const record = answer.ok ? osvRecord(answer.value) : undefined
          if (record?.id === id) return advisoriesAbout(record, about)
          unread.add(answer.ok ? 'it is no record of that id' : answer.why)
          // What is known all the same: that there is one, and about which versions.
          return advisoriesAbout({ id }, about)
        }),
      )
      return {
        advisories: advisories.flat(),
        problems: [...unchecked.sentences, ...unread.sentences],
      }
    },
  }
}

/** Each package and version once. */
function question(packages: readonly PackageId[]): readonly PackageId[] {
  const npm = [...npmVersions(packages)].flatMap(([name, all]) =>
    all.map((version): PackageId => ({ ecosystem: 'npm', name, version })),
  )
  const others = packages.filter(({ ecosystem }) => ecosystem !== 'npm')
  const byKey = new Map(others.map((one) => [JSON.stringify(idOf(one)), one]))
  return [...npm, ...byKey.values()]
}

const idOf = ({ ecosystem, name, version }: PackageId) => [ecosystem, name, version]

/** @param about the packages and versions that the API has the record for */
function advisoriesAbout(record: OsvRecord, about: readonly PackageId[]): Advisory[] {
  const versions = new Map<string, { of: PackageName; all: string[] }>()
  for (const { ecosystem, name, version } of about) {
    const key = JSON.stringify([ecosystem, name])
    const known = versions.get(key)
    if (known === undefined) versions.set(key, { of: { ecosystem, name }, all: [version] })
    else known.all.push(version)
  }
  return [...versions.values()].map(({ of, all }) => advisoryAbout(record, of, all))
}

function advisoryAbout(record: OsvRecord, of: PackageName, versions: readonly string[]): Advisory {
  const { ecosystem, name } = of
  const isAsked = (one: PackageName) => one.ecosystem === ecosystem && one.name === name
  const { advisories, incomparable } = readRecord(record, isAsked)
  const [own] = advisories
  if (own !== undefined && ecosystem === 'npm' && incomparable.length === 0) return own
  // It may have the package under another spelling (PyPI folds names), or by an order not known here.
  const base = own ?? advisoryOf(record, of, [])
  return { ...base, versions: [...new Set([...base.versions, ...versions])] }
}
