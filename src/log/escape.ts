/** Characters by which a text could pass for more than itself, on a terminal or in a viewer. */

/**
 * C0 and C1 control characters (a terminal obeys both), DEL, line and paragraph separators, the
 * marks that turn or hide text (bidirectional controls, zero-width characters), tags.
 */
const forging =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g

const escaped = (found: string): string =>
  Array.from(
    { length: found.length },
    (_, index) => `\\u${found.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('')

/** The same text on one line, with nothing in it that a terminal obeys. */
export const escapeText = (text: string): string => text.replace(forging, escaped)

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const beyondAscii = /[^\u0000-\u007e]/

/**
 * The same line of JSON: `JSON.stringify` escapes C0, and leaves the rest to us. Such characters
 * stand within strings only, where `\u` is the same character.
 */
export const escapeJsonLine = (line: string): string =>
  beyondAscii.test(line) ? `${escapeText(line.trimEnd())}\n` : line
