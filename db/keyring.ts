import { createHash, hkdfSync, randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A key for one purpose, derived from one master key. */
export interface DerivedKey {
  /** Which master key it comes from: 8 hex digits that tell nothing about it. */
  readonly id: string
  /** 32 bytes. */
  readonly key: Uint8Array
}

/** The master keys of `ENCRYPTION_KEY`, of which only derived keys leave. */
export interface Keyring {
  /**
   * The keys for a purpose: the first for what is made now, all for what was made before.
   *
   * @param label the purpose; a fixed word of the code, as each is kept
   */
  keys(label: string): readonly [DerivedKey, ...DerivedKey[]]
}

/**
 * Derives keys by HKDF-SHA-256 (RFC 5869), the label as `info`: keys of different labels say
 * nothing about each other, and every replica derives the same.
 *
 * @param hexKeys 64 hex digits each; the first is the current one
 * @throws {RangeError} if there is none, or one is not 64 hex digits; the message holds no key
 */
export function createKeyring(hexKeys: readonly string[]): Keyring {
  const [current, ...older] = hexKeys.map(masterKey)
  if (current === undefined) throw new RangeError('A keyring needs at least one key')
  const derived = new Map<string, readonly [DerivedKey, ...DerivedKey[]]>()
  return {
    keys(label) {
      const known = derived.get(label)
      if (known !== undefined) return known
      const keys = [derive(current, label), ...older.map((key) => derive(key, label))] as const
      derived.set(label, keys)
      return keys
    },
  }
}

interface MasterKey {
  readonly id: string
  readonly bytes: Buffer
}

function masterKey(hex: string): MasterKey {
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new RangeError('A key is 64 hex digits')
  const bytes = Buffer.from(hex, 'hex')
  const id = createHash('sha256').update('caly key id\0').update(bytes).digest('hex').slice(0, 8)
  return { id, bytes }
}

const derive = ({ id, bytes }: MasterKey, label: string): DerivedKey => ({
  id,
  key: new Uint8Array(hkdfSync('sha256', bytes, '', label, 32)),
})

/**
 * The key that a development start makes for itself and keeps in the data folder, so that what it
 * encrypted can be read tomorrow. Of processes that start together all get the same one.
 *
 * @returns 64 hex digits
 */
export async function loadDevelopmentKey(dataDir: string): Promise<string> {
  const path = join(dataDir, 'encryption.key')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const kept = await readKey(path)
  if (kept !== undefined) return kept
  const draft = `${path}.${crypto.randomUUID()}`
  await writeFile(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    // Appears complete or not at all, and fails where another process was first.
    await link(draft, path)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
  const made = await readKey(path)
  if (made === undefined) throw new Error(`The key in ${path} was removed while it was made`)
  return made
}

async function readKey(path: string): Promise<string | undefined> {
  try {
    const key = (await readFile(path, 'utf8')).trim()
    if (/^[0-9a-f]{64}$/.test(key)) return key
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
  throw new Error(`${path} does not hold 64 hex digits: restore it, or what it encrypted is lost`)
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
