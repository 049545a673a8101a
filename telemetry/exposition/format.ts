/** What a scraper gets. */
export interface Exposition {
  readonly body: string
  readonly contentType: string
}

/** `text` is Prometheus' own format, `openmetrics` the standard made of it, which has exemplars. */
export type ExpositionFormat = 'text' | 'openmetrics'

/** Prometheus 3 fails a scrape whose type is missing or unknown. */
export const contentTypes: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** An exposition that has nothing to tell but why. */
export const emptyExposition = (why: string): Exposition => ({
  body: `# ${why}\n`,
  contentType: contentTypes.text,
})

/** The versions that are spoken; a scraper that asks for another version does not mean ours. */
const versions: Readonly<Record<ExpositionFormat, string>> = {
  text: '0.0.4',
  openmetrics: '1.0.0',
}

/** How well a part of an `Accept` header fits a format: by its words, then by its weight. */
interface Fit {
  /** 0: it does not fit; 3: it names the type; between them are wildcards. */
  readonly words: number
  /** From 0 to 1. */
  readonly weight: number
}

const unfit: Fit = { words: 0, weight: 0 }

/** Prometheus sends five. */
const mostRanges = 32

/**
 * Chooses the format by an `Accept` header (RFC 9110 §12.5.1). Text goes to whoever has no wish,
 * wildcards included, and to those whose wish cannot be met: an answer of the wrong type says more
 * than none.
 */
export function expositionFormat(accept: string | null | undefined): ExpositionFormat {
  const ranges = (accept ?? '').toLowerCase().split(',', mostRanges)
  const text = bestFit(ranges, 'text')
  const openMetrics = bestFit(ranges, 'openmetrics')
  const [wish, other] =
    openMetrics.weight === text.weight
      ? [openMetrics.words, text.words]
      : [openMetrics.weight, text.weight]
  return wish > other ? 'openmetrics' : 'text'
}

/** What names the type decides, whatever the wildcards say. */
const bestFit = (ranges: readonly string[], format: ExpositionFormat): Fit =>
  ranges
    .map((range) => fitOf(range, format))
    .reduce((best, fit) => (fit.words > best.words ? fit : best), unfit)

function fitOf(range: string, format: ExpositionFormat): Fit {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
  const parameter = (name: string) =>
    parameters.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1)
  const weight = Number(parameter('q') ?? 1)
  if (!(weight >= 0 && weight <= 1)) return unfit
  const wanted = contentTypes[format].split(';', 1)[0] ?? ''
  if (type === '*/*') return { words: 1, weight }
  if (type === wanted.replace(/[^/]+$/, '*')) return { words: 2, weight }
  const isVersion = (parameter('version') ?? versions[format]) === versions[format]
  return type === wanted && isVersion ? { words: 3, weight } : unfit
}
