/** What a scraper gets. */
export interface Exposition {
  readonly body: string
  readonly contentType: string
}

/** Prometheus' text format. Prometheus 3 fails a scrape whose type is missing or unknown. */
export const textFormat = 'text/plain; version=0.0.4; charset=utf-8'

/** An exposition that has nothing to tell but why. */
export const emptyExposition = (why: string): Exposition => ({
  body: `# ${why}\n`,
  contentType: textFormat,
})
