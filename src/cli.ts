/** `caly <command>`: exit code 0, 1 for a finding or failure, 2 for wrong usage or configuration. */
import process from 'node:process'
import { parseArgs } from 'node:util'
import { DatabaseLayerError } from '#db/errors.ts'
import { checkCommand } from './cli/audit-check.ts'
import { eraseCommand } from './cli/audit-erase.ts'
import { exportCommand } from './cli/audit-export.ts'
import { proveCommand } from './cli/audit-prove.ts'
import { verifyCommand } from './cli/audit-verify.ts'
import { createClientCommand } from './cli/clients.ts'
import { type Command, UsageError, type Values } from './cli/command.ts'
import { print } from './cli/environment.ts'
import { exotelCheckCommand } from './cli/exotel-check.ts'
import { exotelSimulatorCommand } from './cli/exotel-simulator.ts'
import { createKeyCommand } from './cli/keys.ts'
import { migrate } from './cli/migrate.ts'
import { addNumberCommand, listNumbersCommand, removeNumberCommand } from './cli/numbers.ts'
import { reencryptCommand } from './cli/reencrypt.ts'
import { serve } from './cli/serve.ts'
import { createUserCommand, setPasswordCommand } from './cli/users.ts'
import { listWebhooksCommand, showWebhookCommand } from './cli/webhooks.ts'
import { ConfigError } from './config.ts'
import { ProblemError } from './errors.ts'
import { version } from './version.ts'

const commands: readonly Command[] = [
  serve,
  migrate,
  createClientCommand,
  createUserCommand,
  setPasswordCommand,
  createKeyCommand,
  reencryptCommand,
  addNumberCommand,
  listNumbersCommand,
  removeNumberCommand,
  listWebhooksCommand,
  showWebhookCommand,
  verifyCommand,
  exportCommand,
  proveCommand,
  checkCommand,
  eraseCommand,
  exotelSimulatorCommand,
  exotelCheckCommand,
]

/** Runs a command by its words and options, and gives its exit code. */
export async function cli(args: readonly string[]): Promise<number> {
  const [first] = args
  if (first === '--version') {
    print(version)
    return 0
  }
  if (first === undefined || first === '--help') {
    print(overview())
    return first === undefined ? 2 : 0
  }
  const command = commands.find(({ name }) => {
    const words = name.split(' ')
    return words.every((word, index) => args[index] === word)
  })
  if (command === undefined) return complain(`There is no such command\n\n${overview()}`, 2)
  try {
    return await run(command, args.slice(command.name.split(' ').length))
  } catch (error) {
    return explain(error, command)
  }
}

function run(command: Command, args: readonly string[]): Promise<number> {
  const values = parse(command, args)
  if (values['help'] !== true) return command.run(values)
  print([usage(command), command.summary, command.help?.()].filter(Boolean).join('\n\n'))
  return Promise.resolve(0)
}

function parse({ options, positionals: names = [] }: Command, args: readonly string[]): Values {
  const { values, positionals } = parsed(options, args)
  if (values['help'] === true) return values
  if (positionals.length !== names.length)
    throw new UsageError(
      names.length === 0 ? 'Only options are expected' : `Expected is ${names.join(' ')}`,
    )
  const named = names.map((name, index) => [name, positionals[index]] as const)
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

function explain(error: unknown, command: Command): number {
  if (error instanceof UsageError) return complain(`${error.message}\n\n${usage(command)}`, 2)
  if (error instanceof ConfigError) return complain(error.message, 2)
  if (error instanceof DatabaseLayerError) return complain(error.message, 2)
  if (error instanceof ProblemError) return complain(error.message, 1)
  throw error
}

const usage = ({ name, usage }: Command): string => `Usage: caly ${name} ${usage}`.trimEnd()

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
