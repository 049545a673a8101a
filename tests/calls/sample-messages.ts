/** The samples of callbacks and passthru requests, as they would come over HTTP. */
import { readdir, readFile } from 'node:fs/promises'
import type { RawMessage } from '../../src/calls/exotel/message.ts'

const folder = new URL('samples/', import.meta.url)

/** The files that hold a message to us; the others are requests of ours, and the answers to them. */
export const sampleNames: readonly string[] = (await readdir(folder))
  .filter((name) => /^([1-3]\d|40|70)-/.test(name))
  .sort()

/** What in a sample names its call. */
export interface SampleCall {
  readonly sid: string
  /** Our own id, in the custom field. @default as in the sample */
  readonly id?: string
}

/** The same text about another call. */
export const about = (text: string, { sid, id }: SampleCall): string => {
  const named = text.replaceAll(/ca1y0{25}[123]\d\d/g, sid)
  return id === undefined ? named : named.replaceAll(/0190aaaa-0000-7000-8000-0{9}[12]\d\d/g, id)
}

/** A sample about a call. @param call @default the sample's own */
export async function sampleMessage(name: string, call?: SampleCall): Promise<RawMessage> {
  const kept = await readFile(new URL(name, folder), 'utf8')
  const text = call === undefined ? kept : about(kept, call)
  if (name.includes('.query.'))
    return { method: 'GET', query: text.trim(), contentType: '', body: new Uint8Array() }
  const body = new TextEncoder().encode(name.includes('.urlencoded.') ? text.trim() : text)
  return { method: 'POST', query: '', contentType: contentTypeOf(name), body }
}

/** The lines of a file of samples. */
export const sampleLines = async <Line>(name: string): Promise<Line[]> =>
  (await readFile(new URL(name, folder), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

function contentTypeOf(name: string): string {
  if (name.endsWith('.json')) return 'application/json'
  return name.includes('.multipart.')
    ? 'multipart/form-data; boundary=------------------------0123456789abcdef'
    : 'application/x-www-form-urlencoded'
}
