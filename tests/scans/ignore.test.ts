/** What an operator lives with: `.caly-scan.json`. */
import { describe, expect, test } from 'bun:test'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Ignore,
  IgnoreListError,
  ignoreFile,
  ignoring,
  readIgnoreList,
} from '../../src/scans/findings/index.ts'
import { madeUpAdvisory } from './made-up.ts'

/** Reads a list that is written as a text. */
async function read(text: string): Promise<readonly Ignore[]> {
  const folder = await mkdtemp(join(tmpdir(), 'caly-ignore-'))
  try {
    await writeFile(join(folder, ignoreFile), text)
    return await readIgnoreList(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const entry = { id: 'CVE-2021-44906', reason: 'not reached' }
const advisory = madeUpAdvisory('minimist', 'GHSA-xvch-5gv4-984h', {
  aliases: ['CVE-2021-44906', 'SNYK-JS-MINIMIST-2429795'],
})
const now = new Date('2026-06-15T12:00:00Z')

describe('the file', () => {
  test('is read with all that it may have', async () => {
    const all = { ...entry, package: 'minimist', expires: '2027-01-31' }
    expect(await read(JSON.stringify({ ignore: [all] }))).toEqual([all])
    expect(await read('{"ignore": []}')).toEqual([])
  })

  test('may be missing, which ignores nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'caly-ignore-'))
    expect(await readIgnoreList(folder)).toEqual([])
    await rm(folder, { recursive: true })
  })

  const wrong: readonly (readonly [what: string, text: string, says: string])[] = [
    ['no JSON', '{"ignore": [', 'must be JSON'],
    ['an empty text', '', 'must be JSON'],
    ['no list', '{}', 'ignore must be'],
    ['a list outside', '[]', 'ignore must be'],
    ['another key', '{"ignore": [], "ignored": []}', 'ignored must be removed'],
    ['no reason', '{"ignore": [{"id": "CVE-2021-44906"}]}', 'ignore[0].reason must be'],
    ['an empty reason', JSON.stringify({ ignore: [{ ...entry, reason: '  ' }] }), 'says why'],
    ['no id', '{"ignore": [{"reason": "x"}]}', 'ignore[0].id must be'],
    [
      'an id that is none',
      JSON.stringify({ ignore: [{ ...entry, id: 'minimist' }] }),
      'such as "CVE',
    ],
    [
      'a key with a typing error',
      JSON.stringify({ ignore: [{ ...entry, expire: 'x' }] }),
      'expire must be removed',
    ],
    [
      'a day that is none',
      JSON.stringify({ ignore: [{ ...entry, expires: '2027-02-30' }] }),
      'a day such as',
    ],
    [
      'a time',
      JSON.stringify({ ignore: [{ ...entry, expires: '2027-01-31T00:00Z' }] }),
      'a day such as',
    ],
    [
      'too many entries',
      JSON.stringify({ ignore: Array(1001).fill(entry) }),
      'at most length 1000',
    ],
    [
      'too many bytes',
      JSON.stringify({ ignore: [], more: 'x'.repeat(1_048_577) }),
      '1048576 bytes',
    ],
  ]
  for (const [what, text, says] of wrong)
    test(`with ${what} is a failure that says what would do`, async () => {
      const error = await read(text).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(IgnoreListError)
      expect(String(error)).toContain(ignoreFile)
      expect(String(error)).toContain(says)
    })

  test('that is a folder is a failure', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'caly-ignore-'))
    await mkdir(join(folder, ignoreFile))
    await expect(readIgnoreList(folder)).rejects.toThrow('must be a file')
    await rm(folder, { recursive: true })
  })
})

describe('an entry', () => {
  test('holds for an advisory by any of its ids, in any case', () => {
    for (const id of ['GHSA-xvch-5gv4-984h', 'cve-2021-44906', 'SNYK-JS-MINIMIST-2429795']) {
      const ignored = ignoring([{ id, reason: 'why' }], now).of('minimist', advisory)
      expect(ignored).toEqual({ reason: 'why', expires: undefined })
    }
    const other = ignoring([{ id: 'CVE-2020-7598', reason: 'why' }], now)
    expect(other.of('minimist', advisory)).toBeUndefined()
  })

  test('with a package holds for this one alone', () => {
    const list = ignoring([{ ...entry, package: 'minimist' }], now)
    expect(list.of('minimist', advisory)).toBeDefined()
    expect(list.of('mkdirp', advisory)).toBeUndefined()
  })

  test('holds to the end of its last day, then counts again and is told', () => {
    const list = (time: string) => ignoring([{ ...entry, expires: '2026-06-15' }], new Date(time))
    const last = list('2026-06-15T23:59:59.999Z')
    expect(last.of('minimist', advisory)).toEqual({ reason: 'not reached', expires: '2026-06-15' })
    expect(last.notes({ unmatched: true })).toEqual([])
    const next = list('2026-06-16T00:00:00.000Z')
    expect(next.of('minimist', advisory)).toBeUndefined()
    expect(next.notes({ unmatched: true })).toEqual([
      '.caly-scan.json: ignore[0], CVE-2021-44906, expired on 2026-06-15: it counts again',
    ])
  })

  test('that has expired gives way to one that has not', () => {
    const list = ignoring(
      [
        { ...entry, expires: '2020-01-01' },
        { ...entry, reason: 'still' },
      ],
      now,
    )
    expect(list.of('minimist', advisory)?.reason).toBe('still')
  })

  test('that matches nothing is told, but not where not all was asked', () => {
    const list = ignoring([entry], now)
    expect(list.notes({ unmatched: false })).toEqual([])
    expect(list.notes({ unmatched: true })).toEqual([
      '.caly-scan.json: ignore[0], CVE-2021-44906, matches nothing: it can be removed',
    ])
  })
})
