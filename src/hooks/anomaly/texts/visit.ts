import type { Place } from '../finding.ts'

/** Takes a text of a request: where it stood, and under which name. */
export type Visit = (text: string, place: Place, at: string | undefined) => void

/** Names that are names and nothing else. */
const plainName = /^[A-Za-z][\w-]{0,63}$/

/** Names that reach into every object's prototype. */
const reaching = new Set(['constructor', 'prototype'])

/** Whether a name needs no look: nearly all do not. */
export const isPlainName = (name: string): boolean => plainName.test(name) && !reaching.has(name)
