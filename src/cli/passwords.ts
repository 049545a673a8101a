import process from 'node:process'
import { isAcceptablePassword, newPasswordLength, randomPassword } from '../auth/index.ts'
import { UsageError, type Values } from './command.ts'

/** A password, and whether the caller has yet to be told it. */
export interface ChosenPassword {
  readonly password: string
  readonly generated: boolean
}

/**
 * The password that `--password-stdin` brings, else a random one. Never an argument: the process
 * list shows those to everybody on the machine.
 */
export async function choosePassword(values: Values): Promise<ChosenPassword> {
  if (values['password-stdin'] !== true) return { password: randomPassword(), generated: true }
  let text = ''
  for await (const chunk of process.stdin) text += String(chunk)
  const password = text.replace(/\r?\n$/, '')
  if (!isAcceptablePassword(password))
    throw new UsageError(
      `The password must have ${newPasswordLength.min} to ${newPasswordLength.max} characters`,
    )
  return { password, generated: false }
}
