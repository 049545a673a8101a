import { readFile, stat } from 'node:fs/promises'
import { ProjectError } from './errors.ts'
import { limits } from './limits.ts'

/** How Bun's binary lockfile begins. */
const bunLockb = '#!/usr/bin/env bun\nbun-lockfile-format-v0'

/**
 * Reads a file as text. It is looked at first: what is no file (a pipe, a device) is not opened.
 *
 * @param name what errors call it
 * @throws {ProjectError} for what is not there, cannot be read, is too large or is not UTF-8
 */
export async function readText(path: string, name: string): Promise<string> {
  const bytes = await readBytes(path, name)
  if (bytes.length === 0) throw new ProjectError('malformed', `${name}: is empty`)
  if (new TextDecoder().decode(bytes.subarray(0, bunLockb.length)) === bunLockb)
    throw new ProjectError(
      'unsupported',
      `${name}: is Bun's binary lockfile; run \`bun install --save-text-lockfile\` to have a bun.lock`,
    )
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new ProjectError('unreadable', `${name}: is not text in UTF-8`, { cause })
  }
}

async function readBytes(path: string, name: string): Promise<Uint8Array> {
  try {
    const found = await stat(path)
    if (!found.isFile()) throw new ProjectError('unreadable', `${name}: is not a file`)
    refuseSize(found.size, name)
    const bytes = await readFile(path)
    refuseSize(bytes.length, name)
    return bytes
  } catch (cause) {
    if (cause instanceof ProjectError) throw cause
    throw unreadable(cause, name)
  }
}

function refuseSize(bytes: number, name: string): void {
  if (bytes <= limits.bytes) return
  const size = `${Math.ceil(bytes / 1024 / 1024)} MiB`
  const limit = `${limits.bytes / 1024 / 1024} MiB`
  throw new ProjectError('too-large', `${name}: has ${size}; ${limit} are read at most`)
}

/** The error for what the file system says. */
export function unreadable(cause: unknown, name: string): ProjectError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new ProjectError('missing', `${name}: there is no such file or folder`, { cause })
  return new ProjectError('unreadable', `${name}: cannot be read (${code})`, { cause })
}
