import { readFileSync } from 'node:fs'

let passwords: ReadonlySet<string> | undefined

/**
 * The passwords that are guessed first, in lower case: the commonest of any length, which longer ones
 * are made of, and the commonest of 12 characters and more. Read from the file beside this one
 * when the first new password is judged: it says where they come from.
 */
export function commonPasswords(): ReadonlySet<string> {
  passwords ??= new Set(
    readFileSync(new URL('./common.txt', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !/^#( |$)/.test(line)),
  )
  return passwords
}
