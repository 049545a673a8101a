/** What a bench sets up and must not leave behind: processes, folders, databases. */
import { rm } from 'node:fs/promises'
import process from 'node:process'
import { createDatabase } from '../support/database.ts'
import { freePort } from '../support/process.ts'
import { scratchFolder } from '../support/scratch.ts'
import { answering, Processes } from './processes.ts'

/** Where a bench works. All that it makes is gone when the work is done, or was interrupted. */
export interface Site {
  readonly processes: Processes
  /** Whether somebody has interrupted the work: what fails now fails for that. */
  isOver(): boolean
  /** An empty folder. */
  folder(): Promise<string>
  /** An empty database on a server, or a copy of one that nobody is connected to. */
  database(server: string, template?: string): Promise<string>
  /** A collector that takes spans and forgets them: one for all. */
  collector(): Promise<URL>
}

/** Works, and cleans up: also after a fault, Ctrl-C or SIGTERM. */
export async function onSite<Result>(work: (site: Site) => Promise<Result>): Promise<Result> {
  const processes = new Processes()
  const cleaners: (() => Promise<unknown>)[] = []
  let collecting: Promise<URL> | undefined
  let cleaning: Promise<unknown> | undefined
  const clean = () => {
    processes.kill()
    cleaning ??= Promise.allSettled(cleaners.map((cleaner) => cleaner()))
    return cleaning
  }
  /** What is made while the end has come goes at once. */
  const kept = async <Made>(made: Made, remove: () => Promise<unknown>): Promise<Made> => {
    if (cleaning) {
      await remove()
      throw new Error('The bench is over')
    }
    cleaners.push(remove)
    return made
  }
  let interrupted = false
  const interrupt = () => {
    interrupted = true
    void clean().then(() => process.exit(interruptedCode))
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  const site: Site = {
    isOver: () => interrupted,
    processes,
    async folder() {
      const folder = await scratchFolder('caly-bench-')
      return await kept(folder, () => rm(folder, { recursive: true, force: true }))
    },
    async database(server, template) {
      const { url, drop } = await createDatabase(server, template)
      return await kept(url, drop)
    },
    collector() {
      collecting ??= startCollector(processes)
      return collecting
    },
  }
  try {
    return await work(site)
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    await clean()
    if (interrupted) process.exit(interruptedCode)
  }
}

/** What a shell says of a program that Ctrl-C ended. */
const interruptedCode = 130

async function startCollector(processes: Processes): Promise<URL> {
  const url = new URL(`http://127.0.0.1:${await freePort()}`)
  processes.start('tests/bench/sink.ts', { PORT: url.port })
  await answering(url)
  return url
}
