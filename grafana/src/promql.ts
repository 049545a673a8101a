/** Words that most expressions are made of. */

/** Labels that every query goes by: the job of prometheus.yml, and the instances that were chosen. */
export const scraped = 'job="caly",instance=~"$instance"'

/** The same for requests, of the routes that were chosen. As in the objectives, probes do not count. */
export const requests = `${scraped},http_route=~"$route",http_route!~"/health/.*|/metrics"`

/** Events a second, summed by labels. */
export const perSecond = (metric: string, by = '', selector = scraped): string =>
  `${sum(by)}(rate(${metric}{${selector}}[$__rate_interval]))`

/** How many events the time shown has seen, summed by labels. */
export const duringRange = (metric: string, by = '', selector = scraped): string =>
  `${sum(by)}(increase(${metric}{${selector}}[$__range]))`

/** A quantile of a histogram, by labels. */
export const quantile = (q: number, histogram: string, by = '', selector = scraped): string =>
  `histogram_quantile(${q}, ${perSecond(`${histogram}_bucket`, by === '' ? 'le' : `le, ${by}`, selector)})`

/** The largest few of an expression. */
export const top = (count: number, expression: string): string => `topk(${count}, ${expression})`

const sum = (by: string): string => (by === '' ? 'sum' : `sum by (${by}) `)
