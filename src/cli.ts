/** `caly <command>`: exit code 0, 1 for a finding or failure, 2 for wrong usage or configuration. */
import './interpreted-schemas.ts'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { DatabaseLayerError } from '#db/errors.ts'
import { runtimeOf } from '#telemetry/process/build-info.ts'
import type { Command, Values } from './cli/command.ts'
import { commands } from './cli/commands.ts'
import { print } from './cli/environment.ts'
import { UsageError } from './cli/usage-error.ts'
import { ConfigError } from './config/error.ts'
import { ProblemError } from './errors.ts'
import { version } from './version.ts'

/** Runs a command by its words and options, and gives its exit code. */
export async function cli(args: readonly string[]): Promise<number> {
  const [first] = args
  if (first === '--version') {
    const { runtime, runtime_version } = runtimeOf(process.versions)
    print(`caly ${version}, ${runtime} ${runtime_version}`)
    return 0
  }
  if (first === undefined || first === '--help') {
    print(overview())
    return first === undefined ? 2 : 0
  }
  const named = commands.find(({ name }) => {
    const words = name.split(' ')
    return words.every((word, index) => args[index] === word)
  })
  if (named === undefined) return complain(`There is no such command\n\n${overview()}`, 2)
  const command = await named.load()
  const usage = `Usage: caly ${named.name} ${command.usage}`.trimEnd()
  try {
    const values = parse(command, args.slice(named.name.split(' ').length))
    if (values['help'] !== true) return await command.run(values)
  } catch (error) {
    return explain(error, usage)
  }
  print([usage, named.summary, command.help?.()].filter(Boolean).join('\n\n'))
  return 0
}

function parse({ options, positionals: names = [] }: Command, args: readonly string[]): Values {
  const { values, positionals } = parsed(options, args)
  if (values['help'] === true) return values
  const least = names.filter((name) => !name.startsWith('[')).length
  if (positionals.length < least || positionals.length > names.length)
    throw new UsageError(
      names.length === 0 ? 'Only options are expected' : `Expected is ${names.join(' ')}`,
    )
  const named = names.map(
    (name, index) => [name.replace(/^\[|\]$/g, ''), positionals[index]] as const,
  )
  return { ...values, ...Object.fromEntries(named) }
}

function parsed(options: Command['options'], args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean' } },
      strict: true,
      allowPositionals: true,
    })
  } catch (cause) {
    throw new UsageError('An option is not known or has no value', { cause })
  }
}

function explain(error: unknown, usage: string): number {
  if (error instanceof UsageError) return complain(`${error.message}\n\n${usage}`, 2)
  if (error instanceof ConfigError) return complain(error.message, 2)
  if (error instanceof DatabaseLayerError) return complain(error.message, 2)
  if (error instanceof ProblemError) return complain(error.message, 1)
  throw error
}

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`)
  return [
    'Usage: caly <command> [options]',
    '',
    ...rows,
    '',
    'caly <command> --help tells the rest; caly --version the version.',
  ].join('\n')
}

function complain(text: string, code: number): number {
  process.stderr.write(`${text}\n`)
  return code
}

if (import.meta.main) {
  const code = await cli(process.argv.slice(2))
  if (code !== 0) process.exitCode = code
}
