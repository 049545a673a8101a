import type { ParseArgsOptionsConfig } from 'node:util'
import { type Out, type Type, type } from 'arktype'
import { UsageError } from './usage-error.ts'

/** The values of a command's options, as `node:util` parses them. */
export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

/** A `caly` command. */
export interface Command {
  /** How it is called, after its name. */
  readonly usage: string
  /** What `--help` tells beyond that. */
  readonly help?: () => string
  readonly options: ParseArgsOptionsConfig
  /**
   * What stands behind the words without an option's name: found by these names. The last ones may be
   * left out if they are in brackets, as in usage: `[PATH]` is found as `PATH`.
   */
  readonly positionals?: readonly string[]
  /** @returns the exit code: 0, or 1 for a finding or failure */
  run(values: Values): Promise<number>
}

/** A required option's text. */
export function required(values: Values, name: string): string {
  const value = values[name]
  if (typeof value === 'string' && value !== '') return value
  throw new UsageError(`--${name} is missing`)
}

/** A rule for a text, which it may bring into another spelling. */
type TextRule = Type<string> | Type<(text: string) => Out<string>>

/** A required option's text, by the rule that the API has for the same thing. */
export function checked(values: Values, name: string, rule: TextRule): string {
  const read = rule(required(values, name))
  if (read instanceof type.errors) throw new UsageError(`--${name} must be ${rule.in.description}`)
  return read
}

const id = type('string.uuid').describe('the id of a client, as `caly clients create` prints it')

/** The client that `--client` names. */
export const clientIdOf = (values: Values): string => checked(values, 'client', id)

/** An option that may be given several times. */
export function several(values: Values, name: string): string[] {
  const value = values[name]
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String)
}
