/** A disk that can be filled. */
import { execFile } from 'node:child_process'
import { mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A folder on a disk of its own, or one whose spool can be made to refuse. */
export interface SmallDisk {
  readonly folder: string
  /** `tmpfs` is full to the last byte; where nothing may be mounted, only the spool's folder refuses. */
  readonly kind: 'tmpfs' | 'refusing folder'
  fill(): Promise<void>
  free(): Promise<void>
  close(): Promise<void>
}

const run = promisify(execFile)

/** Mounts a megabyte of memory where this process may, as root mostly can. */
export async function smallDisk(): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'caly-disk-'))
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'caly-test', folder]).then(
    () => true,
    () => false,
  )
  const filler = join(folder, 'filler')
  const spool = join(folder, 'audit-spool')
  const remove = () => rm(folder, { recursive: true, force: true })
  if (!mounted)
    return {
      folder,
      kind: 'refusing folder',
      async fill() {
        await rename(spool, `${spool}-away`)
        await writeFile(spool, '')
      },
      async free() {
        await rm(spool)
        await rename(`${spool}-away`, spool)
      },
      close: remove,
    }
  return {
    folder,
    kind: 'tmpfs',
    fill: () => writeUntilFull(filler),
    free: () => rm(filler),
    async close() {
      await run('umount', [folder])
      await remove()
    },
  }
}

async function writeUntilFull(path: string): Promise<void> {
  const file = await open(path, 'a')
  try {
    for (;;) await file.write(Buffer.alloc(4096))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    await file.close()
  }
}
