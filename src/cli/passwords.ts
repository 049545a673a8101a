import process from 'node:process'
import { randomPassword } from '../auth/index.ts'
import { passwordFault, wordsOf } from '../hooks/validation/index.ts'
import type { Values } from './command.ts'
import { UsageError } from './usage-error.ts'

/** A password, and whether the caller has yet to be told it. */
export interface ChosenPassword {
  readonly password: string
  readonly generated: boolean
}

/**
 * The password that `--password-stdin` brings, else a random one. Never an argument: the process
 * list shows those to everybody on the machine.
 *
 * @param email of the account that it is for
 * @throws {UsageError} if it is too short or too long, or among the first to be guessed
 */
export async function choosePassword(values: Values, email: string): Promise<ChosenPassword> {
  if (values['password-stdin'] !== true) return { password: randomPassword(), generated: true }
  let text = ''
  for await (const chunk of process.stdin) text += String(chunk)
  const password = text.replace(/\r?\n$/, '')
  const fault = passwordFault(password, wordsOf(email))
  if (fault) throw new UsageError(`The password must be ${fault.expected}`)
  return { password, generated: false }
}
