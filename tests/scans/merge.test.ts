/** What several sources say of one vulnerability, as one advisory. */
import { expect, test } from 'bun:test'
import { isAffected, mergeAdvisories } from '../../src/scans/advisories/index.ts'
import {
  severityOfScore,
  severityOfWord,
  worstVector,
} from '../../src/scans/advisories/severity.ts'
import type { Advisory, Severity } from '../../src/scans/model.ts'

const advisory = (id: string, some: Partial<Advisory> = {}): Advisory => ({
  id,
  aliases: [],
  ecosystem: 'npm',
  package: 'left',
  title: `title of ${id}`,
  url: `https://example.test/${id}`,
  severity: 'unknown',
  cvss: undefined,
  ranges: [{ introduced: '0', fixed: '1.0.0' }],
  versions: [],
  withdrawn: undefined,
  sources: ['OSV'],
  ...some,
})

const [a, b, c] = ['GHSA-aaaa-aaaa-aaaa', 'GHSA-bbbb-bbbb-bbbb', 'CVE-2024-1']

test('An advisory that two sources have is one, with both of them named and each range once', () => {
  const npm = advisory(a, { aliases: ['NPM-1'], sources: ['npm'] })
  const osv = advisory(a, { aliases: [c] })
  expect(mergeAdvisories([npm, osv])).toEqual([
    { ...osv, aliases: [c, 'NPM-1'], sources: ['npm', 'OSV'] },
  ])
})

test('Aliases hold both ways and on and on: A knows B, C knows B, D knows C, and all are one', () => {
  const chain = [
    advisory('OSV-1', { aliases: [c] }),
    advisory('SNYK-1', { aliases: ['NPM-7'] }),
    advisory(a, { aliases: [c] }),
    advisory('NPM-7', { aliases: [a] }),
  ]
  for (const order of [chain, chain.toReversed()]) {
    const merged = mergeAdvisories(order)
    expect(merged.map(({ id, aliases }) => ({ id, aliases }))).toEqual([
      { id: a, aliases: [c, 'NPM-7', 'OSV-1', 'SNYK-1'] },
    ])
    expect(merged[0]?.title).toBe(`title of ${a}`)
  }
})

test('Without an id in common they stay two, and so do two packages of one advisory', () => {
  const two = [advisory(a), advisory(b), advisory(a, { package: 'right' })]
  expect(mergeAdvisories(two).map(({ id, package: of }) => `${id} ${of}`)).toEqual([
    `${a} left`,
    `${b} left`,
    `${a} right`,
  ])
  const ecosystems = [advisory(a), advisory(a, { ecosystem: 'PyPI' })]
  expect(mergeAdvisories(ecosystems).length).toBe(2)
})

test("It is named by GitHub's id, else by its CVE, where only an alias has that, too", () => {
  const names = (...all: Advisory[]) => mergeAdvisories(all).map(({ id }) => id)
  expect(names(advisory('OSV-1', { aliases: [c, a] }))).toEqual([a])
  expect(names(advisory('OSV-1', { aliases: [c] }))).toEqual([c])
  expect(names(advisory(c, { aliases: ['OSV-1'] }), advisory('OSV-1'))).toEqual([c])
  expect(names(advisory('OSV-1'))).toEqual(['OSV-1'])
})

test('Ranges and versions are united: what either says is affected is', () => {
  const [merged] = mergeAdvisories([
    advisory(a, { ranges: [{ introduced: '1.0.0', fixed: '1.2.0' }] }),
    advisory(c, { aliases: [a], ranges: [{ introduced: '2.0.0', lastAffected: '2.1.0' }] }),
    advisory(a, { ranges: [], versions: ['3.0.0'] }),
  ])
  const versions = ['0.9.0', '1.1.0', '1.2.0', '2.1.0', '2.1.1', '3.0.0', '3.0.1']
  expect(versions.filter((version) => merged && isAffected(merged, version))).toEqual([
    '1.1.0',
    '2.1.0',
    '3.0.0',
  ])
})

const vector = (score: number) => ({ vector: `CVSS:3.1/${score}`, score })

test('The worst vector holds, and one with a vector silences a worse word without', () => {
  const rated = (some: Partial<Advisory>[]) => {
    const [merged] = mergeAdvisories(some.map((one) => advisory(a, one)))
    return [merged?.severity, merged?.cvss?.score]
  }
  const moderate: Partial<Advisory> = { severity: 'moderate', cvss: vector(5) }
  const high: Partial<Advisory> = { severity: 'high', cvss: vector(8) }
  expect(rated([moderate, high])).toEqual(['high', 8])
  expect(rated([high, moderate])).toEqual(['high', 8])
  expect(rated([{ severity: 'critical' }, moderate])).toEqual(['moderate', 5])
  expect(rated([{ severity: 'low' }, { severity: 'critical' }])).toEqual(['critical', undefined])
  expect(rated([{}, { severity: 'low' }])).toEqual(['low', undefined])
})

const at = '2024-05-01T00:00:00Z'

test('A withdrawal counts for the copies under the same id: what npm still lists is gone', () => {
  const merged = mergeAdvisories([
    advisory(a, { aliases: ['NPM-1'], sources: ['npm'] }),
    advisory(a, { withdrawn: at }),
  ])
  expect(merged.map(({ withdrawn }) => withdrawn)).toEqual([at])
  expect(merged.some((one) => isAffected(one, '0.5.0'))).toBe(false)
})

test('A withdrawn duplicate leaves the one that lives on, with its ranges and the ids of both', () => {
  const duplicate = advisory(a, {
    aliases: [c],
    withdrawn: at,
    severity: 'critical',
    cvss: vector(9.8),
    ranges: [{ introduced: '0' }],
  })
  const alive = advisory(b, { aliases: [c], severity: 'low' })
  for (const order of [
    [duplicate, alive],
    [alive, duplicate],
  ])
    expect(mergeAdvisories(order)).toEqual([{ ...alive, aliases: [c, a] }])
})

test('A live CVE is not named by the id that GitHub withdrew', () => {
  const merged = mergeAdvisories([advisory(c, { aliases: [a] }), advisory(a, { withdrawn: at })])
  expect(merged.map(({ id, withdrawn }) => [id, withdrawn])).toEqual([[c, undefined]])
})

const vectors: readonly [string, string[], number | undefined, Severity][] = [
  ['critical from 9.0', ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'], 9.8, 'critical'],
  ['high from 7.0', ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H'], 7.5, 'high'],
  ['moderate from 4.0', ['CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L'], 5.3, 'moderate'],
  ['low above 0', ['CVSS:3.1/AV:N/AC:H/PR:H/UI:R/S:U/C:L/I:L/A:L'], 3.9, 'low'],
  ['version 4.0', ['CVSS:4.0/AV:N/AC:H/AT:N/PR:N/UI:N/VC:L/VI:L/VA:H/SC:N/SI:N/SA:N'], 8.3, 'high'],
  ['version 2.0, alone', ['AV:N/AC:L/Au:N/C:P/I:P/A:P'], 7.5, 'high'],
  [
    'the worst of two',
    [
      'CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:N/VI:N/VA:N/SC:L/SI:L/SA:L',
      'CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:L/A:L',
    ],
    5,
    'moderate',
  ],
  [
    'version 2.0 not beside a newer one',
    ['AV:N/AC:L/Au:N/C:C/I:C/A:C', 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L'],
    5.3,
    'moderate',
  ],
  ['no impact', ['CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:N'], undefined, 'unknown'],
  ['half a vector', ['CVSS:3.1/AV:N/AC:L/PR:N'], undefined, 'unknown'],
  ['what is none', ['high', '', 'CVSS:9.9/AV:N', 'x'.repeat(10_000)], undefined, 'unknown'],
]
for (const [what, all, score, severity] of vectors)
  test(`Of vectors, ${what}: ${score ?? 'no score'}, ${severity}`, () => {
    const worst = worstVector(all)
    expect(worst?.score).toBe(score)
    expect(severityOfScore(worst?.score ?? 0)).toBe(severity)
  })

test('Words of all databases are read, and none is made up', () => {
  const words = [
    'MODERATE',
    'medium',
    'Critical',
    'LOW',
    'negligible',
    'info',
    'dreadful',
    undefined,
  ]
  expect(words.map(severityOfWord)).toEqual([
    'moderate',
    'moderate',
    'critical',
    'low',
    'low',
    'low',
    'unknown',
    'unknown',
  ])
})
