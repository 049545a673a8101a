/** The answer of npm's bulk advisory endpoint: lists of advisories by the name of the package. */
import { type } from 'arktype'
import type { Advisory, SourceAnswer } from '../model.ts'
import { npmRanges } from './ranges/npm-range.ts'
import { severityOfScore, severityOfWord, worstVector } from './severity.ts'
import { oneLine } from './text.ts'

const advisory = type({
  id: 'number | string',
  'url?': 'string | null',
  'title?': 'string | null',
  'severity?': 'string | null',
  vulnerable_versions: 'string',
  'cvss?': type({ 'vectorString?': 'string | null' }).or('null'),
})

const answer = type({ '[string]': 'unknown[]' })

/**
 * Reads an answer. An advisory that cannot be read is a problem and does not hide the others.
 *
 * @param asked the names of the question
 * @returns why it is no answer at all, in words that end a sentence, where it is none
 */
export function readBulk(value: unknown, asked: ReadonlySet<string>): SourceAnswer | string {
  const lists = answer(value)
  if (Array.isArray(value) || lists instanceof type.errors)
    return 'the registry answered with something else'
  if (Object.keys(lists).some((name) => !asked.has(name)))
    return 'the registry answered for other packages'
  const advisories: Advisory[] = []
  const problems: string[] = []
  for (const [name, list] of Object.entries(lists))
    for (const entry of list) {
      const read = advisoryOf(name, entry)
      if (read === undefined) problems.push(`An advisory of npm's about ${name} cannot be read.`)
      else advisories.push(read)
    }
  return { advisories, problems }
}

function advisoryOf(name: string, entry: unknown): Advisory | undefined {
  const read = advisory(entry)
  if (read instanceof type.errors) return undefined
  const ranges = npmRanges(read.vulnerable_versions)
  if (ranges === undefined) return undefined
  const cvss = worstVector(read.cvss?.vectorString ? [read.cvss.vectorString] : [])
  // npm's own ids change when an advisory is split; GitHub's, in the address, does not.
  const own = `NPM-${read.id}`
  const github = /\/(GHSA(?:-[23456789cfghjmpqrvwx]{4}){3})$/.exec(read.url ?? '')?.[1]
  return {
    id: github ?? own,
    aliases: github === undefined ? [] : [own],
    ecosystem: 'npm',
    package: name,
    title: oneLine(read.title ?? github ?? own),
    url: github && `https://github.com/advisories/${github}`,
    severity: cvss === undefined ? severityOfWord(read.severity) : severityOfScore(cvss.score),
    cvss,
    ranges,
    versions: [],
    withdrawn: undefined,
    sources: ['npm'],
  }
}
