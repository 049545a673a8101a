/** The escapes of JavaScript, JSON, Java and C that name a character by its number. */
const numbered = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|u\{0{0,8}([0-9a-f]{1,6})\})/gi

/** Takes one layer of `\x41`, `\u0041` and `\u{41}` off; other escapes are their language's own. */
export const unescaped = (text: string): string =>
  text.includes('\\') ? text.replace(numbered, character) : text

function character(
  _found: string,
  byte: string | undefined,
  unit: string | undefined,
  point: string | undefined,
): string {
  const code = Number.parseInt(byte ?? unit ?? point ?? '', 16)
  return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code)
}
