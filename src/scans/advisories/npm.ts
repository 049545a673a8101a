/** Advisories of the npm registry: what `npm audit` asks, by the endpoint that it asks. */
import { defaultRegistry } from '../endpoints.ts'
import type { HttpClient } from '../http.ts'
import type { AdvisorySource } from '../model.ts'
import { chunks } from './chunks.ts'
import { readBulk } from './npm-answer.ts'
import { npmVersions } from './npm-question.ts'
import { withoutPrivate } from './private-names.ts'
import { counted, Gaps } from './problems.ts'

/** Options of {@linkcode npmAdvisories}. */
export interface NpmAdvisoriesOptions {
  readonly http: HttpClient
  /** @default {@linkcode defaultRegistry} */
  readonly registry?: string
  /** Names and scopes that are not asked about. @default none */
  readonly privateNames?: readonly string[]
}

/** Names in one question: npm itself sends all at once, and registries bound what they read. */
const batchSize = 500

/**
 * Asks `POST /-/npm/v1/security/advisories/bulk` for the npm packages of a question; others are not its
 * business. The registry says nothing of a package without advisories: only an answer that is all as it
 * should be is taken for a clean one.
 */
export function npmAdvisories({
  http,
  registry = defaultRegistry,
  privateNames = [],
}: NpmAdvisoriesOptions): AdvisorySource {
  const url = `${registry.replace(/\/+$/, '')}/-/npm/v1/security/advisories/bulk`
  return {
    name: 'npm',
    async ask(packages, signal) {
      const versions = npmVersions(withoutPrivate(packages, privateNames))
      const missing = new Gaps(
        (count, why) => `npm's advisories for ${counted(count, 'package')} are missing: ${why}.`,
      )
      const answers = await Promise.all(
        chunks([...versions], batchSize).map(async (batch) => {
          const body = Object.fromEntries(batch)
          const answer = await http.json(url, { body }, signal)
          const read = answer.ok ? readBulk(answer.value, new Set(versions.keys())) : answer.why
          if (typeof read !== 'string') return read
          missing.add(read, batch.length)
          return { advisories: [], problems: [] }
        }),
      )
      return {
        advisories: answers.flatMap(({ advisories }) => advisories),
        problems: [...missing.sentences, ...new Set(answers.flatMap((answer) => answer.problems))],
      }
    },
  }
}
