/** A real Prometheus that scrapes what a test gives it. Needs Debian's `prometheus`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, freePort } from './process.ts'

/** What Prometheus is to scrape. */
export interface ScrapeTarget {
  /** With the path, as a rule `/metrics`. */
  readonly url: URL
  /** `METRICS_TOKEN`. @default none is sent */
  readonly token?: string
  /** The label `job` of all its series. @default caly */
  readonly job?: string
}

/** Options of {@linkcode startPrometheus}. */
export interface PrometheusOptions {
  readonly targets: readonly ScrapeTarget[]
  /** Absolute paths of files with rules. @default none */
  readonly ruleFiles?: readonly string[]
  /** Seconds between two scrapes, and between two evaluations of the rules. @default 1 */
  readonly interval?: number
}

/** How a target is doing, as `/api/v1/targets` has it. */
export interface TargetState {
  readonly scrapeUrl: string
  readonly health: 'up' | 'down' | 'unknown'
  readonly lastError: string
  /** RFC 3339. */
  readonly lastScrape: string
  /** Seconds. */
  readonly lastScrapeDuration: number
}

/** One series of an instant query's answer. */
export interface InstantSample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [time: number, value: string]
}

/** The exemplars of one series. */
export interface SeriesExemplars {
  readonly seriesLabels: Readonly<Record<string, string>>
  readonly exemplars: readonly {
    readonly labels: Readonly<Record<string, string>>
    readonly value: string
    readonly timestamp: number
  }[]
}

/** A running Prometheus. */
export interface Prometheus {
  readonly url: URL
  /** The `data` of an answer of its API: `get('/api/v1/rules')`. @throws {Error} with its words */
  get(path: string, parameters?: Readonly<Record<string, string>>): Promise<unknown>
  targets(): Promise<readonly TargetState[]>
  /** An instant query. */
  query(expression: string): Promise<readonly InstantSample[]>
  /** Exemplars of the last hour. */
  exemplars(expression: string): Promise<readonly SeriesExemplars[]>
  /**
   * Waits until every target has been scraped anew, and says how they are doing then: a scrape that
   * failed counts.
   */
  scraped(): Promise<readonly TargetState[]>
  stop(): Promise<void>
}

/** The longest until a first scrape, which comes after some six seconds on an idle machine. */
const scrapeLimit = 30_000

/** Starts Prometheus on a free port, with exemplars; what it stores goes at the stop. */
export const startPrometheus = (options: PrometheusOptions): Promise<Prometheus> =>
  // JSON is YAML.
  startPrometheusOn({ 'prometheus.yml': JSON.stringify(configuration(options)) })

/** The same on a configuration of one's own: `prometheus.yml`, and the files that it names beside it. */
export async function startPrometheusOn(
  files: Readonly<Record<'prometheus.yml' | (string & {}), string>>,
): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const port = await freePort()
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = endOf(child)
  const prometheus = clientOf(new URL(`http://127.0.0.1:${port}`), async () => {
    child.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  })
  const ready = eventually(
    () =>
      fetch(new URL('/-/ready', prometheus.url)).then(
        ({ ok }) => ok,
        () => false,
      ),
    (ok) => ok,
    scrapeLimit,
  )
  const early = ended.then((words) => {
    throw new Error(`Prometheus ended: ${words}`)
  })
  await Promise.race([ready, early])
  return prometheus
}

const configuration = ({ targets, ruleFiles = [], interval = 1 }: PrometheusOptions) => ({
  global: { scrape_interval: `${interval}s`, evaluation_interval: `${interval}s` },
  rule_files: ruleFiles,
  scrape_configs: targets.map(({ url, token, job = 'caly' }) => ({
    job_name: job,
    scheme: url.protocol.slice(0, -1),
    metrics_path: url.pathname,
    static_configs: [{ targets: [url.host] }],
    ...(token !== undefined && { authorization: { type: 'Bearer', credentials: token } }),
  })),
})

/** Resolves at its end, with what it said last. */
function endOf(child: ChildProcess): Promise<string> {
  let words = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2000)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve(words))
  })
}

function clientOf(url: URL, stop: () => Promise<void>): Prometheus {
  const get: Prometheus['get'] = async (path, parameters = {}) => {
    const answer = await fetch(new URL(`${path}?${new URLSearchParams(parameters)}`, url))
    const { data, error } = (await answer.json()) as { data?: unknown; error?: string }
    if (!answer.ok) throw new Error(`Prometheus answers ${answer.status}: ${error}`)
    return data
  }
  const targets = async () => {
    const data = await get('/api/v1/targets')
    return (data as { readonly activeTargets: readonly TargetState[] }).activeTargets
  }
  return {
    url,
    get,
    targets,
    async query(expression) {
      const data = await get('/api/v1/query', { query: expression })
      return (data as { readonly result: readonly InstantSample[] }).result
    },
    async exemplars(expression) {
      const now = Date.now() / 1000
      const span = { start: String(now - 3600), end: String(now + 60) }
      const data = await get('/api/v1/query_exemplars', { query: expression, ...span })
      return data as readonly SeriesExemplars[]
    },
    scraped() {
      const since = Date.now()
      return eventually(
        targets,
        (states) =>
          states.length > 0 && states.every((state) => Date.parse(state.lastScrape) > since),
        scrapeLimit,
      )
    },
    stop,
  }
}
