import { readdirSync, readFileSync } from 'node:fs'
import { type } from 'arktype'

const row = type({
  label: "'attack' | 'benign'",
  /** Of an attack: what it is after. */
  kind: 'string',
  /** Where it is sent. */
  place: "'query' | 'body' | 'path' | 'header'",
  /** Of an honest text `plain` or `hard`; of an attack how it is wrapped. */
  'class?': 'string | null',
  /** Whom the text is from. */
  'source?': 'string',
  /** As the service has it after the transport's own decoding. */
  value: 'string',
})

/** A text and what it is: what detection is measured by. */
export type Row = typeof row.infer

/**
 * Reads rows, one JSON object a line.
 *
 * @throws {TypeError} if a line is no row, by its number
 */
export function readRows(file: string | URL): readonly Row[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap((line, index) => {
    if (line === '') return []
    const read = row(JSON.parse(line))
    if (read instanceof type.errors)
      throw new TypeError(`${file}, line ${index + 1}: ${read.summary}`)
    return [read]
  })
}

/** The repository's own rows: every file beside this one, attacks by kind, honest texts by class. */
export function corpus(): readonly Row[] {
  const folder = new URL('.', import.meta.url)
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) => readRows(new URL(name, folder)))
}
