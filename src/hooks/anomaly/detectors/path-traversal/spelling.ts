/**
 * Spellings of dots and slashes that only some servers fold: hexadecimal numbers, characters of the
 * private use area and broken bytes (IIS, CVE-2000-0884), a percent sign that a filter took out.
 */
const spellings =
  /0x(2e|2f|5c)|[\uefc8\uf025]|[\u00c0\u00c1](?=[./\\])|%(?:bg%qf|c1%8s)|(?<=\.\.)(?:2f|5c)/gi

/** No such spelling without one of these. */
const spelt = /0x|[\u00c0\u00c1\uefc8\uf025]|%[bc]|\.[25]/i

/** UTF-8 for a dot or a slash that is too long or broken: nothing honest encodes one like that. */
const overlong =
  /%(?:25){0,4}(?:c0%(?:25){0,4}(?:2e|2f|5c|5e|[0-9][g-z]|[g-z][0-9a-z]|[89ab][\da-f])|c1%(?:25){0,4}(?:1c|[0-9][g-z]|[g-z][0-9a-z]|[89ab][\da-f])|(?:e0|f0%(?:25){0,4}80|f8%80%80|fc%80%80%80)%(?:25){0,4}80%(?:25){0,4}a[ef])/i

/** No such dot or slash without one of these. */
const broken = /[cef][018c]%/i

/** A path in one spelling, with slashes only. */
export function plainPath(text: string): string {
  const path = !spelt.test(text)
    ? text
    : text.replace(spellings, (_found, code?: string) =>
        code === undefined
          ? /[\u00c0\u00c1]/.test(_found)
            ? ''
            : '/'
          : code.endsWith('e')
            ? '.'
            : '/',
      )
  return path.includes('\\') ? path.replaceAll('\\', '/') : path
}

/** Whether dots or slashes are spelt as no honest program spells them. */
export const isOverlong = (text: string): boolean =>
  text.includes('%') && broken.test(text) && overlong.test(text)
