/** `bun run start`: read the configuration, serve, drain on a signal. */
import process from 'node:process'
import { type Config, ConfigError, readConfig } from './config.ts'
import { createLogger, type Logger } from './log.ts'
import { isStartFailure, type Service, startService } from './service.ts'

/** Exit code for what the operator must mend before a start can succeed. */
const misconfigured = 2

/**
 * Runs the service until a signal stops it. The first SIGTERM or SIGINT drains, a second one stops
 * at once. Sets the exit code: 0 after a clean stop, 2 where the start was refused.
 */
export async function main(): Promise<void> {
  const config = readOrExplain()
  if (config === undefined) return
  const log = createLogger({
    level: config.log.level,
    format: config.log.format ?? (process.stdout.isTTY ? 'pretty' : 'json'),
  })
  process.on('unhandledRejection', (error) => log.error({ error }, 'unhandled rejection'))
  const service = await startOrExplain(config, log)
  if (service === undefined) process.exit(misconfigured)
  if (!config.production) announce(service, config)
  let stopping = false
  const stop = (signal: string) => {
    if (stopping) process.exit(1)
    stopping = true
    log.info({ signal }, 'stopping')
    service.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ error }, 'the stop failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

function readOrExplain(): Config | undefined {
  try {
    return readConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    explain(`${error.message}\nSee them all: bun run caly serve --help`)
    return undefined
  }
}

async function startOrExplain(config: Config, log: Logger): Promise<Service | undefined> {
  try {
    return await startService(config, { log, onProgress: (text) => progress(config, text) })
  } catch (error) {
    if (!isStartFailure(error)) throw error
    explain(error.message)
    return undefined
  }
}

function explain(text: string): void {
  process.stderr.write(`${text}\n`)
  process.exitCode = misconfigured
}

/** Containers want lines of JSON and nothing else. */
function progress({ production }: Config, text: string): void {
  if (!production) process.stdout.write(`${text}\n`)
}

function announce({ url, firstCredentials }: Service, config: Config): void {
  const { publicUrl, docs, environment, admin } = config
  const lines = [`Caly listens on ${url.origin}`]
  if (docs) lines.push(`  API reference  ${new URL('/docs', publicUrl)}`)
  lines.push(`  Health         ${new URL('/health/ready', publicUrl)}`)
  if (environment === 'development')
    lines.push(`  Metrics        ${new URL('/metrics', publicUrl)}`)
  if (firstCredentials) {
    const { email, password, apiKey } = firstCredentials
    lines.push('', 'The first credentials, shown this once:', `  E-mail    ${email}`)
    lines.push(`  Password  ${admin ? '(CALY_ADMIN_PASSWORD)' : password}`)
    lines.push(`  API key   ${apiKey}`)
  }
  if (process.stdout.isTTY) lines.push('', 'Ctrl-C stops it.')
  process.stdout.write(`\n${lines.join('\n')}\n\n`)
}

if (import.meta.main) await main()
