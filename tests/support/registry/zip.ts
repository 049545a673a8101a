/** Zips as they should be, and as nobody should make them. */
import { crc32, deflateRawSync } from 'node:zlib'

/** A file of a zip. */
export interface ZipEntry {
  readonly name: string
  readonly text: string
  /** What the zip says is its size, where that is not so. */
  readonly claimed?: number
  readonly encrypted?: boolean
  /** 0 as it is, 8 deflated. @default 8 */
  readonly method?: number
}

/** Makes a zip (APPNOTE 6.3.10: local headers, central directory, its end). */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const { packed, header } = prepared(entry)
    const name = Buffer.from(entry.name)
    locals.push(record('PK\u0003\u0004', header), name, packed)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    directory.push(record('PK\u0001\u0002\u0014\u0000', header), rest, name)
    offset += 30 + name.length + packed.length
  }
  const all = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(all.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...locals, all, Buffer.from('PK\u0005\u0006', 'latin1'), end])
}

const record = (signature: string, header: Buffer) =>
  Buffer.concat([Buffer.from(signature, 'latin1'), header])

function prepared({ name, text, claimed, encrypted = false, method = 8 }: ZipEntry) {
  const plain = Buffer.from(text)
  const packed = method === 8 ? deflateRawSync(plain) : plain
  const header = Buffer.alloc(26)
  header.writeUInt16LE(20, 0)
  header.writeUInt16LE(encrypted ? 1 : 0, 2)
  header.writeUInt16LE(method, 4)
  header.writeUInt32LE(crc32(plain), 10)
  header.writeUInt32LE(packed.length, 14)
  header.writeUInt32LE(claimed ?? plain.length, 18)
  header.writeUInt16LE(Buffer.byteLength(name), 22)
  return { packed, header }
}
