import type { Place } from '../finding.ts'

/** Takes a text of a request: where it stood, and under which name. */
export type Visit = (text: string, place: Place, at: string | undefined) => void

/** Names that are names and nothing else. */
const plainName = /^[A-Za-z][\w-]{0,63}$/

/** Names that reach into every object's prototype. */
const reaching = new Set(['constructor', 'prototype'])

/** Names that were found to be plain: clients send the same again and again. */
const known = new Set<string>()

/** As many as are remembered, of 64 characters at most. */
const mostKnown = 1024

/** Whether a name needs no look: nearly all do not. */
export function isPlainName(name: string): boolean {
  if (known.has(name)) return true
  if (!plainName.test(name) || reaching.has(name)) return false
  if (known.size >= mostKnown) known.clear()
  known.add(name)
  return true
}

/** What parts a name from what an attacker wants to be run behind it. */
const parting = /[;|&`$<>'"\n]/

/** Whether a name that is not plain may be an attack by itself, whatever its value. */
export const mayAttack = (name: string): boolean => parting.test(name)
