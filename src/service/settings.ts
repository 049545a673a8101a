/** Whether the settings are those of the last start: by fingerprints, since many of them are secret. */
import { createHmac } from 'node:crypto'
import type { Keyring } from '#db/keyring.ts'
import type { Config } from '../config.ts'

/** Fingerprints of all settings, in a form that the trail keeps. */
export interface SettingPrints {
  /** What the trail keeps of this start. Tells nothing but which settings another start shares. */
  readonly text: string
  /**
   * The names of the settings that are not as they were.
   *
   * @param earlier the text of another start, by whichever key of the ring
   */
  changedSince(earlier: string): string[]
}

const label = 'config-print'

/** Letters alone: digits in the trail are looked through for telephone numbers. */
const letters = 'abcdefghijklmnop'

/** Of 32 bits each: a chance of one in four thousand millions that a change goes unseen. */
const length = 8

/** Fingerprints the settings by keys of their own (HKDF, label `config-print`). */
export function settingPrints(config: Config, keyring: Keyring): SettingPrints {
  const settings = settingsOf(config)
  const print = (name: string, key: Uint8Array) =>
    [
      ...createHmac('sha256', key)
        .update(`${name}\0${settings.get(name)}`)
        .digest('hex'),
    ]
      .slice(0, length)
      .map((digit) => letters[Number.parseInt(digit, 16)])
      .join('')
  const keys = keyring.keys(label).map(({ key }) => key)
  const names = [...settings.keys()]
  return {
    text: names.map((name) => print(name, keyring.keys(label)[0].key)).join(' '),
    changedSince(earlier) {
      const known = new Set(earlier.split(' '))
      const changed = names.filter((name) => !keys.some((key) => known.has(print(name, key))))
      // By no key is anything as it was: of the rest nobody can say.
      return changed.length === names.length ? ['encryptionKeys'] : changed
    },
  }
}

/** Every setting by its name, but for those in which replicas of one service differ. */
function settingsOf({ dataDir: _, listen, ...config }: Config): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>()
  const walk = (value: unknown, path: string) => {
    if (isSection(value))
      for (const [name, inner] of Object.entries(value)) walk(inner, joined(path, name))
    else leaves.set(path, JSON.stringify(value) ?? '')
  }
  walk({ ...config, listen: { host: listen.host, tls: listen.tls } }, '')
  return leaves
}

const isSection = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof URL)

const joined = (path: string, name: string): string =>
  path === '' ? name : `${path}${name.charAt(0).toUpperCase()}${name.slice(1)}`
