/** The bench as a whole: one command, one run, one report. */
import { writeFile } from 'node:fs/promises'
import process from 'node:process'
import { contenders } from '../contenders.ts'
import { type Filled, fill } from '../filled.ts'
import { onSite, type Site } from '../site.ts'
import { help, type Options, readOptions, UsageError } from './options.ts'
import { parts } from './parts.ts'
import { headOf, markdown, type Report } from './report.ts'
import type { Section } from './run.ts'

/** Milliseconds that memory is watched under load, in seconds. */
const watched = { short: 60, long: 600 }

/** Reads the command line, measures, and prints; or says what is wrong with it. */
export async function benchWhole(args: readonly string[]): Promise<void> {
  const options = understood(args)
  if (options === undefined) return
  const head = headOf(args)
  const leftOut: string[] = []
  if (process.env['TEST_DATABASE_URL'] === undefined)
    leftOut.push('PostgreSQL, for want of TEST_DATABASE_URL: every database is embedded.')
  const sections = await onSite((site) => measure(site, options))
  const report: Report = { schema: 1, head, sections, leftOut }
  const text = markdown(report)
  process.stdout.write(text)
  if (options.markdown !== undefined) await writeFile(options.markdown, text)
  if (options.json !== undefined)
    await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`)
}

function understood(args: readonly string[]): Options | undefined {
  try {
    const options = readOptions(args)
    if (options !== 'help') return options
    process.stdout.write(help)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n\n${help}`)
    process.exitCode = 2
  }
  return undefined
}

async function measure(site: Site, options: Options): Promise<readonly Section[]> {
  const sections: Section[] = []
  let filling: Promise<Filled> | undefined
  const filled = () => (filling ??= fill(site))
  for (const runtime of options.runtimes) {
    const run = {
      ...options,
      site,
      runtime,
      filled,
      contenders: contenders(site, runtime, filled),
      watched: options.long ? watched.long : watched.short,
    }
    for (const part of options.parts) {
      process.stderr.write(`${part} (${runtime}) …\n`)
      sections.push(...[await parts[part](run)].flat())
    }
  }
  return sections
}
