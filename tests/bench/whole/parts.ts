/** What the bench consists of. */
import { benchPeers } from '../peers/index.ts'
import { priceList } from './hooks.ts'
import { get, list, login, place, post } from './jobs.ts'
import { latency } from './latency.ts'
import { memory } from './memory.ts'
import { restart } from './restart.ts'
import type { Run, Section } from './run.ts'
import { starts } from './start.ts'

/** Each gives a table or some. */
export const parts = {
  get,
  post,
  list,
  call: place,
  login,
  hooks: priceList,
  peers: benchPeers,
  latency,
  memory,
  start: starts,
  restart,
} as const satisfies Readonly<Record<string, (run: Run) => Promise<Section | readonly Section[]>>>

/** A part of the bench. */
export type Part = keyof typeof parts

/** All of them, in the order in which they run. */
export const partNames = Object.keys(parts) as Part[]
