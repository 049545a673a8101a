/** `bun run start`: read the configuration, serve, drain on a signal. */
import './interpreted-schemas.ts'
import process from 'node:process'
import type { FirstCredentials } from './auth/index.ts'
import { secretsOf } from './config/secrets.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { createLog, type Log } from './log/index.ts'
import { writeStandardOutput } from './server.ts'
import { isStartFailure, type Service, startService } from './service/index.ts'

/** Exit code for what the operator must mend before a start can succeed. */
const misconfigured = 2

/** Milliseconds that a log nobody reads may hold up the end. */
const lastWords = 1000

/**
 * Runs the service until a signal stops it. The first SIGTERM or SIGINT drains, a second one stops
 * at once. Sets the exit code: 0 after a clean stop, 2 where the start was refused.
 */
export async function main(): Promise<void> {
  const config = readOrExplain()
  if (config === undefined) return
  const log = createLog({
    level: config.log.level,
    format: config.log.format ?? (process.stdout.isTTY ? 'pretty' : 'json'),
    colored: process.stdout.isTTY,
    write: writeStandardOutput,
    secrets: secretsOf(config),
  })
  const { logger } = log
  const exit = async (code: number) => {
    await log.flush(lastWords)
    process.exit(code)
  }
  process.on('unhandledRejection', (error) => logger.error({ error }, 'unhandled rejection'))
  // The runtime's own report would print the message as it is.
  process.on('uncaughtException', (error) => {
    logger.fatal({ error }, 'uncaught exception')
    void exit(1)
  })
  const service = await startOrExplain(config, log)
  if (service === undefined) return exit(misconfigured)
  if (!config.production) announce(service, config)
  let stopping = false
  const stop = (signal: string) => {
    if (stopping) process.exit(1)
    stopping = true
    logger.info({ signal }, 'stopping')
    service.stop().then(
      () => exit(0),
      (error: unknown) => {
        logger.error({ error }, 'the stop failed')
        return exit(1)
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

async function startOrExplain(config: Config, log: Log): Promise<Service | undefined> {
  try {
    return await startService(config, {
      log: log.logger,
      lostLines: log.lost,
      copyLog: log.copyTo,
      onProgress: (text) => progress(config, text),
    })
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
  const { publicUrl, docs, environment } = config
  const lines = [`Caly listens on ${url.origin}`]
  if (docs) lines.push(`  API reference  ${new URL('/docs', publicUrl)}`)
  lines.push(`  Health         ${new URL('/health/ready', publicUrl)}`)
  if (environment === 'development')
    lines.push(`  Metrics        ${new URL('/metrics', publicUrl)}`)
  process.stdout.write(`\n${lines.join('\n')}\n\n`)
  if (firstCredentials) tellCredentials(firstCredentials, config)
  if (process.stdout.isTTY) process.stdout.write('Ctrl-C stops it.\n\n')
}

/** To a person, where there is one: a file that the log goes to is no place for a password. */
function tellCredentials({ email, password, apiKey }: FirstCredentials, { admin }: Config): void {
  const lines = [
    'The first credentials, shown this once:',
    `  E-mail    ${email}`,
    `  Password  ${admin ? '(CALY_ADMIN_PASSWORD)' : password}`,
    `  API key   ${apiKey}`,
  ]
  const terminal = !process.stdout.isTTY && process.stderr.isTTY ? process.stderr : process.stdout
  terminal.write(`${lines.join('\n')}\n\n`)
}

if (import.meta.main) await main()
