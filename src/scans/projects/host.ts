import { readFile } from 'node:fs/promises'
import process from 'node:process'
import type { Host } from './platform.ts'

/** The machine that this runs on. On Linux it looks into `ldd`, a script that names its C library. */
export async function thisHost(): Promise<Host> {
  const os: string = process.platform
  return { os, cpu: process.arch, libc: os === 'linux' ? await libc() : undefined }
}

async function libc(): Promise<string> {
  const ldd = await readFile('/usr/bin/ldd', 'utf8').catch(() => '')
  return ldd.includes('musl') ? 'musl' : 'glibc'
}
