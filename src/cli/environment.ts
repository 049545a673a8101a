import process from 'node:process'

/** The environment that a command reads its configuration from. */
export const environment = (): Readonly<Record<string, string | undefined>> => process.env

/** Prints a line for whoever called the command. */
export const print = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
