import type { Observation } from '../check.ts'
import { type Answer, type Credential, shown } from '../http.ts'
import type { Target } from '../target.ts'

/** What a scrape says. */
export interface Metrics {
  readonly answer: Answer
  /** The sum of all series of a metric, judged; a metric that is not there is not good. */
  sum(name: string, good: (value: number) => boolean): Observation
}

/** Scrapes, once a run. */
export async function metricsOf(target: Target, credential: Credential): Promise<Metrics> {
  const answer = await target.once({ path: '/metrics', credential })
  return {
    answer,
    sum(name, good) {
      const series = [...answer.body.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'gm'))]
      const value = series.reduce((sum, [, text]) => sum + Number(text), 0)
      const found = series.length === 0 ? `${answer.status}, not there` : String(value)
      return {
        sent: `${answer.sent}: ${name}`,
        received: shown(found),
        good: series.length > 0 && good(value),
      }
    },
  }
}
