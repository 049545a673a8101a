/** Who is measured, and how each is started. */
import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { BenchRuntime, Variables } from '../processes.ts'

/** One of those who are measured beside each other. */
export interface Contender {
  readonly name: string
  readonly script: string
  readonly runtime: BenchRuntime
  /** Beside {@linkcode variables}. */
  readonly env?: Variables
}

const node = spawnSync('node', ['--version'], { encoding: 'utf8' })

/** What Express and Fastify run on: Node, which they are made for, where it is installed. */
export const nodeVersion =
  node.error === undefined ? `Node ${node.stdout.trim()}` : 'Bun, for want of Node'

const forNode: BenchRuntime = node.error === undefined ? 'node' : 'bun'

/** No hooks at all: only its answers are compared. */
export const bare: Contender = {
  name: 'bare Elysia',
  script: 'tests/bench/servers/bare.ts',
  runtime: 'bun',
}

/** Everything on: what the peers must do as well. */
export const caly: Contender = {
  name: 'Caly',
  script: 'tests/bench/servers/caly.ts',
  runtime: 'bun',
}

const servers = 'tests/bench/peers/servers'

/** The others. */
export const peers: readonly Contender[] = [
  { name: 'Express', script: `${servers}/express.cjs`, runtime: forNode },
  { name: 'Fastify', script: `${servers}/fastify.cjs`, runtime: forNode },
  { name: 'Hono', script: `${servers}/hono.js`, runtime: 'bun' },
  { name: 'Elysia and plugins', script: `${servers}/elysia.js`, runtime: 'bun' },
]

/** What all are told alike: spans of every request to the collector, and so many requests a minute. */
export const variables = (collector: URL, limit: number): Variables => ({
  RATE_LIMIT: String(limit),
  NODE_ENV: 'production',
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  OTEL_TRACES_SAMPLER: 'always_on',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
})

/**
 * Installs the peers beside Caly, by their own lockfile.
 *
 * @throws {Error} if they cannot be installed
 */
export function installPeers(): void {
  const { status, stderr } = spawnSync(process.execPath, ['install', '--frozen-lockfile'], {
    cwd: fileURLToPath(import.meta.resolve('./servers')),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`The peers could not be installed: ${stderr}`)
}
