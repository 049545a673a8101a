/** Texts of others, made harmless: what a lockfile or an advisory says reaches terminals and pages. */
import { escapeText } from '../../log/index.ts'

/** The same text on one line, with nothing in it that a terminal obeys, and not longer than a limit. */
export function plain(text: string, limit = 300): string {
  // Cut first: a text of a megabyte is not worth escaping.
  const line = escapeText(
    text
      .slice(0, limit + 1)
      .replace(/\s+/g, ' ')
      .trim(),
  )
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line
}

/** JSON with nothing in it that a terminal obeys: what `JSON.stringify` leaves is written as `\u…`. */
export const jsonText = (value: unknown): string =>
  `${JSON.stringify(value, undefined, 2).split('\n').map(escapeText).join('\n')}\n`

/** Lines of a width at most, all with the same indent; words that are longer are cut. */
export function wrapped(text: string, width: number, indent = ''): readonly string[] {
  const room = Math.max(10, width - indent.length)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((one) => pieces(one, room))) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].filter((one) => one !== '').map((one) => indent + one)
}

const pieces = (word: string, size: number): string[] =>
  Array.from({ length: Math.max(1, Math.ceil(word.length / size)) }, (_, nth) =>
    word.slice(nth * size, (nth + 1) * size),
  )

/** A link as a browser may be given it; undefined for all that does not lead to a web page. */
export function linkOf(url: string | undefined): string | undefined {
  const parsed = url !== undefined && URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) return undefined
  return parsed.href.replace(/[()<>|`\\^{}]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
}
