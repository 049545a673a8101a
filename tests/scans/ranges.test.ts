/** Which versions an advisory is about: OSV's events, npm's ranges, and the way out of them. */
import { expect, test } from 'bun:test'
import semver from 'semver'
import { isAffected, lowestFixed } from '../../src/scans/advisories/index.ts'
import { readRecord } from '../../src/scans/advisories/osv/advisories.ts'
import { osvRecord } from '../../src/scans/advisories/osv/record.ts'
import { eventRanges, type OsvEvent } from '../../src/scans/advisories/ranges/events.ts'
import { npmRanges } from '../../src/scans/advisories/ranges/npm-range.ts'
import type { Advisory } from '../../src/scans/model.ts'
import { recordedAdvisories } from '../support/registry/index.ts'
import { vulnerableVersions } from '../support/registry/ranges.ts'

const about = (some: Partial<Advisory>): Advisory => ({
  id: 'GHSA-aaaa-aaaa-aaaa',
  aliases: [],
  ecosystem: 'npm',
  package: 'left',
  title: 'made up',
  url: undefined,
  severity: 'high',
  cvss: undefined,
  ranges: [],
  versions: [],
  withdrawn: undefined,
  sources: ['OSV'],
  ...some,
})

/** Which of the versions the events are about. */
const affected = (events: readonly OsvEvent[], versions: string, known?: string): string =>
  versions
    .split(' ')
    .filter((version) => isAffected(about({ ranges: eventRanges(events, known) }), version))
    .join(' ')

const cases: readonly {
  what: string
  events: readonly OsvEvent[]
  known?: string
  versions: string
  are: string
}[] = [
  {
    what: 'a fix ends a range, and the fixed version is out of it',
    events: [{ introduced: '1.0.0' }, { fixed: '1.2.0' }],
    versions: '0.9.9 1.0.0 1.1.9 1.2.0 2.0.0',
    are: '1.0.0 1.1.9',
  },
  {
    what: 'the last affected version is in the range',
    events: [{ introduced: '1.0.0' }, { last_affected: '1.2.0' }],
    versions: '1.0.0 1.2.0 1.2.1-0 1.2.1',
    are: '1.0.0 1.2.0',
  },
  {
    what: '0 is before every version, pre-releases of 0.0.0 too',
    events: [{ introduced: '0' }, { fixed: '0.0.1' }],
    versions: '0.0.0-0 0.0.0-alpha 0.0.0 0.0.1-rc.1 0.0.1',
    are: '0.0.0-0 0.0.0-alpha 0.0.0 0.0.1-rc.1',
  },
  {
    what: 'a pre-release of the fixed version is below it, and affected',
    events: [{ introduced: '1.0.0' }, { fixed: '2.0.0' }],
    versions: '1.0.0-rc.1 1.9.9 2.0.0-rc.1 2.0.0',
    are: '1.9.9 2.0.0-rc.1',
  },
  {
    what: 'pre-releases go by number and then by word: alpha.9, alpha.10, beta.1, the release',
    events: [{ introduced: '5.0.0-alpha.9' }, { fixed: '5.0.0-beta.3' }],
    versions: '5.0.0-alpha.8 5.0.0-alpha.10 5.0.0-beta.2 5.0.0-beta.3 5.0.0-beta.10 5.0.0',
    are: '5.0.0-alpha.10 5.0.0-beta.2',
  },
  {
    what: 'several ranges may be in one list of events, in any order',
    events: [{ fixed: '2.0.5' }, { introduced: '2.0.0' }, { fixed: '1.2.0' }, { introduced: '0' }],
    versions: '1.1.0 1.2.0 1.9.9 2.0.0 2.0.4 2.0.5',
    are: '1.1.0 2.0.0 2.0.4',
  },
  {
    what: 'a second beginning and a second fix within change nothing',
    events: [{ introduced: '0' }, { introduced: '1.0.0' }, { fixed: '1.2.0' }, { fixed: '1.4.0' }],
    versions: '0.1.0 1.1.0 1.2.0 1.3.0 1.4.0',
    are: '0.1.0 1.1.0',
  },
  {
    what: 'a fix and another beginning at one version end one range and begin the next',
    events: [{ introduced: '0' }, { introduced: '1.0.0' }, { fixed: '1.0.0' }, { fixed: '1.2.0' }],
    versions: '0.9.0 1.0.0 1.1.0 1.2.0',
    are: '0.9.0 1.0.0 1.1.0',
  },
  {
    what: 'a range that is fixed where it begins has nothing in it',
    events: [{ introduced: '1.0.0' }, { fixed: '1.0.0' }],
    versions: '0.9.0 1.0.0 1.1.0',
    are: '',
  },
  {
    what: 'a range whose last version is its first has that one',
    events: [{ introduced: '1.0.0' }, { last_affected: '1.0.0' }],
    versions: '0.9.9 1.0.0 1.0.1',
    are: '1.0.0',
  },
  {
    what: 'without an end everything above is affected',
    events: [{ introduced: '1.0.0' }],
    versions: '0.9.9 1.0.0 99.0.0',
    are: '1.0.0 99.0.0',
  },
  {
    what: 'without a beginning nothing is',
    events: [{ fixed: '1.0.0' }],
    versions: '0.9.9 1.0.0',
    are: '',
  },
  {
    what: "GitHub's own end closes what no event closes",
    events: [{ introduced: '0' }],
    known: '< 0.20.2',
    versions: '0.18.5 0.20.1 0.20.2',
    are: '0.18.5 0.20.1',
  },
  {
    what: 'and is looked at nowhere else',
    events: [{ introduced: '0' }, { fixed: '9.0.0' }],
    known: '<= 8.5.1',
    versions: '8.5.1 8.9.9 9.0.0',
    are: '8.5.1 8.9.9',
  },
  {
    what: 'above every limit nothing is affected',
    events: [{ introduced: '1.0.0' }, { limit: '1.5.0' }, { limit: '2.0.0' }],
    versions: '0.9.0 1.0.0 1.9.9 2.0.0 3.0.0',
    are: '1.0.0 1.9.9',
  },
  {
    what: 'a limit does not move a fix below it, and * is none',
    events: [{ introduced: '1.0.0' }, { fixed: '1.5.0' }, { limit: '2.0.0' }, { limit: '*' }],
    versions: '1.0.0 1.5.0 2.0.0',
    are: '1.0.0',
  },
  {
    what: 'a beginning that cannot be compared is one from the start, an end is none',
    events: [{ introduced: 'a long time ago' }, { fixed: 'soon' }],
    versions: '0.0.1 99.0.0',
    are: '0.0.1 99.0.0',
  },
  {
    what: 'versions that leave out numbers, or begin with v, are read as they are meant',
    events: [{ introduced: 'v1' }, { fixed: '1.2' }],
    versions: '0.9.0 1.0.0 1.1.9 1.2.0',
    are: '1.0.0 1.1.9',
  },
  {
    what: 'what is built in does not count',
    events: [{ introduced: '1.0.0' }, { fixed: '1.2.0+fixed' }],
    versions: '1.1.0+x 1.2.0 1.2.0+y',
    are: '1.1.0+x',
  },
]
for (const { what, events, known, versions, are } of cases)
  test(`Of events, ${what}`, () => {
    expect(affected(events, versions, known)).toBe(are)
    expect(affected(events.toReversed(), versions, known)).toBe(are)
  })

test('A version of the list is affected whatever the ranges say, and a withdrawn advisory has none', () => {
  const listed = about({ versions: ['4.4.2'], ranges: eventRanges([{ introduced: '9.0.0' }]) })
  expect(isAffected(listed, '4.4.2')).toBe(true)
  expect(isAffected(listed, '4.4.3')).toBe(false)
  expect(isAffected({ ...listed, withdrawn: '2024-01-01T00:00:00Z' }, '4.4.2')).toBe(false)
})

/** Versions on and beside every number that a range names, and some far from all. */
function around(range: string): string[] {
  const named = range.match(/\d+\.\d+\.\d+(?:-[\w.]+)?/g) ?? []
  const near = named.flatMap((text) => {
    const { major, minor, patch } = semver.parse(text) ?? new semver.SemVer('0.0.0')
    const [a, b, c] = [major, minor, patch].map((number) => Math.max(0, number - 1))
    return [
      text,
      ...[`${text}-0`, `${text}.0`].filter((version) => semver.valid(version) !== null),
      ...[`${major}.${minor}.${c}`, `${major}.${b}.99`, `${a}.99.99`, `${major}.${minor}.${patch}`],
      ...[`${major}.${minor}.${patch}-0`, `${major}.${minor}.${patch}-rc.1`],
      ...[
        `${major}.${minor}.${patch + 1}-0`,
        `${major}.${minor}.${patch + 1}`,
        `${major + 1}.0.0-a`,
      ],
    ]
  })
  return [...new Set([...near, '0.0.0-0', '0.0.0', '0.0.1', '1.0.0', '99.0.0-beta.1', '99.99.99'])]
}

const satisfies = (version: string, range: string) =>
  semver.satisfies(version, range, { includePrerelease: true, loose: true })

const npmCases = [
  '<4.17.21',
  '<=2.88.2',
  '>=1.0.0 <1.2.6 || <0.2.4',
  '>1.0.0 <2.0.0',
  '>1.0.0-rc.1',
  '>=5.0.0-alpha.1 <5.0.0-beta.3',
  '=4.4.2',
  '1.2.3 || 1.2.5',
  '*',
  '>=0.0.0',
  '^1.2.0',
  '~1.2.3-beta.2',
  '1.x',
  '1.2.0 - 2.3',
  '>=2.0.0 <1.0.0',
  '<0.0.0-0',
  '>=1.0.0 <=1.0.0',
  '>1.0.0 <=1.0.0',
  '< 4.0.0',
]
for (const range of npmCases)
  test(`npm's range ${range} has the versions that npm's own library puts into it`, () => {
    const advisory = about({ ranges: npmRanges(range) ?? [] })
    for (const version of around(range))
      expect(`${version} ${isAffected(advisory, version)}`).toBe(
        `${version} ${satisfies(version, range)}`,
      )
  })

test('What is no range is none', () => {
  for (const text of ['not a range', 'latest', '<script>']) expect(npmRanges(text)).toBe(undefined)
})

test('A range with commas, as GitHub writes it, is one without', () => {
  expect(npmRanges('>= 1.0.0, < 2.0.0')).toEqual([{ introduced: '1.0.0', fixed: '2.0.0' }])
})

const recorded = recordedAdvisories()

test('There are forty recorded advisories', () => {
  expect(recorded.length).toBeGreaterThanOrEqual(40)
})

for (const record of recorded)
  test(`${record.id} is about the versions that npm would find by its range, and no other`, () => {
    const parsed = osvRecord(record)
    if (parsed === undefined) throw new Error(`${record.id} cannot be read`)
    const { advisories, incomparable } = readRecord(parsed, ({ ecosystem }) => ecosystem === 'npm')
    expect(incomparable).toEqual([])
    expect(advisories.length).toBeGreaterThan(0)
    for (const advisory of advisories) {
      const ranges = (record.affected ?? [])
        .filter((one) => one.package?.ecosystem === 'npm' && one.package.name === advisory.package)
        .map((one) => vulnerableVersions(one))
      const range = ranges.join(' || ')
      const versions = around(range)
      for (const version of versions)
        expect(`${version} ${isAffected(advisory, version)}`).toBe(
          `${version} ${satisfies(version, range)}`,
        )
      expect(versions.some((version) => isAffected(advisory, version))).toBe(true)
      expect(versions.some((version) => !isAffected(advisory, version))).toBe(true)
    }
  })

test('The way out is the lowest version above that no advisory is about', () => {
  const one = about({ ranges: [{ introduced: '0', fixed: '1.2.3' }] })
  const other = about({ ranges: [{ introduced: '1.2.0', fixed: '1.2.5' }] })
  const published = ['1.1.0', '1.2.2', '1.2.3', '1.2.4', '1.2.5-rc.1', '1.2.5', '1.2.6', '2.0.0']
  expect(lowestFixed('1.1.0', [one], published)).toBe('1.2.3')
  expect(lowestFixed('1.1.0', [one, other], published)).toBe('1.2.5')
  expect(lowestFixed('1.1.0', [one, other])).toBe('1.2.5')
  expect(lowestFixed('1.1.0', [one, other], published.toReversed())).toBe('1.2.5')
})

test('There is no way down, none to a pre-release from a release, and none where nothing is fixed', () => {
  const all = about({ ranges: [{ introduced: '2.0.0', lastAffected: '2.9.0' }] })
  expect(lowestFixed('2.1.0', [all], ['1.9.9', '2.8.0', '2.9.0'])).toBe(undefined)
  expect(lowestFixed('2.1.0', [all], ['1.9.9', '3.0.0-rc.1'])).toBe(undefined)
  expect(
    lowestFixed(
      '3.0.0-beta.1',
      [about({ ranges: [{ introduced: '0', fixed: '3.0.0-rc.1' }] })],
      ['3.0.0-rc.1'],
    ),
  ).toBe('3.0.0-rc.1')
  expect(lowestFixed('2.1.0', [all])).toBe(undefined)
  expect(lowestFixed('not a version', [all], ['3.0.0'])).toBe(undefined)
})
