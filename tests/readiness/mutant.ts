/** Mutants: what an operator, a proxy or a change of the code gets wrong, and which checks notice. */
import { readConfig } from '../../src/config.ts'
import { type Check, type Context, openTarget, type Resources } from '../../src/readiness/index.ts'
import { type Breakage, brokenProxy } from './broken-proxy.ts'
import type { House } from './house.ts'

/** What a run on a mutant has otherwise; undefined takes it away. */
export interface Stage {
  readonly context: { readonly [Name in keyof Context]?: Context[Name] | undefined }
  /** Makes everything as it was. */
  undo?(): Promise<void>
}

/** One thing that is wrong. */
export interface Mutant {
  /** What: a clause that goes on `… turns … red`. */
  readonly what: string
  /** The checks that turn red: these, and no other of their groups. */
  readonly reds: readonly Check['id'][]
  /** What it changes, where that is not the way to the service: checks without need of it go on as before. */
  readonly changes?: readonly (keyof Resources)[]
  /** Whether it needs a PostgreSQL server. @default it does not */
  readonly onServer?: boolean
  /** Gets it wrong. */
  readonly stage: (house: House) => Stage | Promise<Stage>
}

/** A proxy in front of the service gets something wrong. */
export const proxied = (
  what: string,
  reds: Mutant['reds'],
  breakage: Breakage | ((house: House) => Breakage),
): Mutant => ({
  what,
  reds,
  async stage(house) {
    const { ca, pem } = house
    const broken = typeof breakage === 'function' ? breakage(house) : breakage
    const proxy = await brokenProxy(house.url, broken, { tls: pem })
    return { context: { target: openTarget(proxy.url, { ca }) }, undo: proxy.close }
  },
})

/** The configuration gets something wrong; an empty value is none. */
export const configured = (
  what: string,
  reds: Mutant['reds'],
  written: Readonly<Record<string, string>> | ((house: House) => Readonly<Record<string, string>>),
): Mutant => ({
  what,
  reds,
  changes: ['config', 'environment'],
  stage(house) {
    const changed = typeof written === 'function' ? written(house) : written
    const environment = { ...house.environment, ...changed }
    return { context: { environment, config: readConfig(environment) } }
  },
})

/** Something in the database is not as it should be. */
export const inDatabase = (
  what: string,
  reds: Mutant['reds'],
  statement: string | ((house: House) => string),
  undoing: string | ((house: House) => string),
): Mutant => ({
  what,
  reds,
  changes: ['database', 'server'],
  async stage(house) {
    const text = (of: typeof statement) => (typeof of === 'function' ? of(house) : of)
    await house.asOwner(text(statement))
    return { context: {}, undo: () => house.asOwner(text(undoing)) }
  },
})
