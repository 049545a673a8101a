/** The files in a zip, one after the other, without ever writing one. */
import { readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { inflateRawSync } from 'node:zlib'
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl'
import { oneLine } from '../text.ts'
import { type Limits, type RecordFile, RefusedError, total } from './limits.ts'

/**
 * Reads all `.json` of a zip. Names are looked at for their end alone, and nothing is unpacked to a disk, so
 * that no name leads anywhere. What is larger than its entry says is refused, and so is what says it is
 * larger than the limits.
 *
 * @throws {RefusedError} if it is no zip, is broken, or goes beyond the limits
 */
export async function* zipFiles(path: string, limits: Limits): AsyncGenerator<RecordFile> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const zip = await fromRandomAccessReaderPromise(new FileReader(file), size, {
      lazyEntries: true,
      autoClose: false,
    })
    const count = total(limits, path)
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith('.json')) continue
      // Both are what the zip says: memory is taken for neither beyond the limits.
      count(Math.max(entry.uncompressedSize, entry.compressedSize), entry.fileName)
      yield { name: entry.fileName, bytes: content(zip, file, entry) }
    }
  } catch (error) {
    if (error instanceof RefusedError) throw error
    const why = error instanceof Error ? `: ${oneLine(error.message)}` : ''
    throw new RefusedError(`${path} cannot be read as a zip${why}`, { cause: error })
  } finally {
    await file.close()
  }
}

/**
 * Reads at once what is asked for. An archive of an ecosystem has 200,000 entries, and to wait for each
 * read takes five times as long as the reading.
 */
class FileReader extends RandomAccessReader {
  readonly #file: FileHandle

  constructor(file: FileHandle) {
    super()
    this.#file = file
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const read = readSync(this.#file.fd, buffer, offset, length, position)
    callback(read === length ? null : new Error('it ends too early'))
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null)
  }
}

function content(zip: ZipFile, file: FileHandle, entry: Entry): Uint8Array {
  let start: number | undefined
  zip.readLocalFileHeader(entry, { minimal: true }, (error, header) => {
    if (error !== null) throw error
    start = header.fileDataStart
  })
  if (start === undefined || entry.isEncrypted())
    throw new Error('an entry is encrypted, or not where it should be')
  const packed = Buffer.alloc(entry.compressedSize)
  if (readSync(file.fd, packed, 0, packed.length, start) !== packed.length)
    throw new Error('it ends too early')
  const bytes = unpacked(packed, entry)
  if (bytes.length !== entry.uncompressedSize) throw new Error('an entry is smaller than it says')
  return bytes
}

function unpacked(packed: Uint8Array, { compressionMethod, uncompressedSize }: Entry): Uint8Array {
  if (compressionMethod === 0) return packed
  if (compressionMethod !== 8) throw new Error('an entry is packed in an unknown way')
  try {
    // One byte is the least that is taken for a bound.
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, uncompressedSize) })
  } catch (error) {
    const isLarger = error instanceof RangeError
    throw new Error(isLarger ? 'an entry is larger than it says' : 'an entry is broken')
  }
}
