/** What an operator has looked at and lives with: `.caly-scan.json` in the folder that is scanned. */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type } from 'arktype'

/** The name of the file. */
export const ignoreFile = '.caly-scan.json'
/** Bytes; a thousand entries have some 200,000. */
const mostBytes = 1_048_576
const mostEntries = 1000
/** Faults that are told at once. */
const mostFaults = 5

const day = type('string').narrow(
  (text, ctx) =>
    (/^\d{4}-\d{2}-\d{2}$/.test(text) && isDay(text)) ||
    ctx.mustBe('a day such as "2027-01-31", the last on which it holds'),
)

const isDay = (text: string): boolean => {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

const entry = type({
  '+': 'reject',
  id: type(/^[A-Za-z][A-Za-z0-9]*-[\w.:-]{1,100}$/).describe(
    'the id of an advisory such as "CVE-2021-44906" or "GHSA-xvch-5gv4-984h"',
  ),
  'package?': type('1 <= string <= 300').describe('the name of a package'),
  reason: type(/\S/)
    .and('string <= 2000')
    .describe('a text that says why, of 2000 characters at most'),
  'expires?': day,
})

const listOf = type({ '+': 'reject', ignore: entry.array().atMostLength(mostEntries) })

/** What is ignored: an advisory by any of its ids, in one package or in all. */
export type Ignore = typeof entry.infer

/** The file is there and cannot be used: the message names it, says what is wrong and what would do. */
export class IgnoreListError extends Error {
  override readonly name = 'IgnoreListError'
}

/**
 * The ignore list of a folder; empty where there is no such file.
 *
 * @throws {IgnoreListError} if it cannot be read, is too large or not as it must be
 */
export async function readIgnoreList(folder: string): Promise<readonly Ignore[]> {
  const text = await textOf(join(folder, ignoreFile))
  if (text === undefined) return []
  const list = listOf(parsed(text))
  if (!(list instanceof type.errors)) return list.ignore
  const faults = list.slice(0, mostFaults).map(({ path, expected }) => {
    const place = path.stringify()
    return place === '' ? `must be ${expected}` : `${place} must be ${expected}`
  })
  throw new IgnoreListError(`${ignoreFile}: ${faults.join('; ')}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    throw new IgnoreListError(`${ignoreFile} must be JSON${why}`, { cause })
  }
}

/** @returns undefined where nothing is there */
async function textOf(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path)
    if (!found.isFile()) throw new IgnoreListError(`${ignoreFile} must be a file`)
    if (found.size > mostBytes)
      throw new IgnoreListError(`${ignoreFile} must have ${mostBytes} bytes at most`)
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof IgnoreListError) throw cause
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    if (code === 'ENOENT') return undefined
    throw new IgnoreListError(`${ignoreFile} cannot be read: ${code}`, { cause })
  }
}
