import { spawn, spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** What a round of load showed. */
export interface Round {
  /** Requests a second. */
  readonly rate: number
  readonly requests: number
  /** Answers that were not 2xx, and connections that broke. */
  readonly failures: number
}

/** How hard a server is asked. */
export interface Load {
  readonly url: URL
  readonly seconds: number
  readonly connections: number
  /** JSON to post. @default none: it is a GET */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

const hasWrk = spawnSync('wrk', ['-v']).error === undefined

/** The program that makes the load: wrk where it is installed, else autocannon from npm. */
export const loader = hasWrk ? 'wrk' : 'autocannon'

/** One round, made by a process of its own. */
export async function load(options: Load): Promise<Round> {
  return hasWrk ? byWrk(options) : byAutocannon(options)
}

async function byWrk({ url, seconds, connections, body, headers }: Load): Promise<Round> {
  const told = Object.entries(headers ?? {}).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const script = body === undefined ? [] : ['-s', fileURLToPath(import.meta.resolve('./post.lua'))]
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, ...told, ...script, url.href]
  const output = await run('wrk', args, body)
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1] ?? 0)
  const requests = Number(/(\d+) requests in/.exec(output)?.[1] ?? 0)
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0)
  const broken = [...output.matchAll(/(?:connect|read|write|timeout) (\d+)/g)]
  const failures = broken.reduce((sum, [, count]) => sum + Number(count), refused)
  return { rate, requests, failures }
}

async function byAutocannon({ url, seconds, connections, body, headers }: Load): Promise<Round> {
  const script = fileURLToPath(import.meta.resolve('autocannon'))
  const json = body === undefined ? {} : { 'content-type': 'application/json' }
  const told = Object.entries({ ...json, ...headers }).flatMap(([name, value]) => [
    '-H',
    `${name}=${value}`,
  ])
  const post = body === undefined ? [] : ['-m', 'POST', '-b', body]
  const how = ['-c', `${connections}`, '-d', `${seconds}`, '-j', '-n']
  const args = [script, ...how, ...told, ...post, url.href]
  const result: unknown = JSON.parse(await run(process.execPath, args))
  const { requests, non2xx, errors } = result as {
    readonly requests: { readonly average: number; readonly total: number }
    readonly non2xx: number
    readonly errors: number
  }
  return { rate: requests.average, requests: requests.total, failures: non2xx + errors }
}

/** The body that wrk's script posts is told in a variable: wrk has no option for it. */
function run(command: string, args: readonly string[], body = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, BENCH_BODY: body },
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.on('error', reject)
    child.on('close', () => resolve(output))
  })
}
