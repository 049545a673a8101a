/** The bench as a whole: one command, one run, one report. */
import { writeFile } from 'node:fs/promises'
import process from 'node:process'
import { inspect } from 'node:util'
import { contenders } from '../contenders.ts'
import { type Filled, fill } from '../filled.ts'
import { onSite, type Site } from '../site.ts'
import { help, type Options, readOptions, UsageError } from './options.ts'
import { parts } from './parts.ts'
import { headOf, markdown, type Report } from './report.ts'
import type { Section } from './run.ts'

/** For how long memory is watched under load. */
const seconds = { short: 30, long: 600 }

/** Reads the command line, measures, and prints; or says what is wrong with it. */
export async function benchWhole(args: readonly string[]): Promise<void> {
  const options = understood(args)
  if (options === undefined) return
  const head = headOf(args)
  const leftOut: string[] = []
  if (process.env['TEST_DATABASE_URL'] === undefined)
    leftOut.push('PostgreSQL, for want of TEST_DATABASE_URL: every database is embedded.')
  const sections = await onSite((site) => measure(site, options, (what) => leftOut.push(what)))
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

/** A part that fails leaves the others standing; the exit code tells. */
async function measure(
  site: Site,
  options: Options,
  onLeftOut: (what: string) => void,
): Promise<readonly Section[]> {
  const sections: Section[] = []
  let filling: Promise<Filled> | undefined
  const filled = () => {
    filling ??= fill(site, process.env['TEST_DATABASE_URL'])
    return filling
  }
  for (const runtime of options.runtimes)
    for (const part of options.parts) {
      process.stderr.write(`${part} (${runtime}) …\n`)
      const running = contenders(site, runtime, filled)
      const watched = options.long ? seconds.long : seconds.short
      const run = { ...options, site, runtime, filled, contenders: running, watched, onLeftOut }
      try {
        sections.push(...[await parts[part](run)].flat())
      } catch (error) {
        if (site.isOver()) throw error
        process.stderr.write(`${part} failed: ${inspect(error)}\n`)
        process.exitCode = 1
        onLeftOut(`${part} (${runtime}), which failed.`)
      }
      await running.end()
    }
  return sections
}
