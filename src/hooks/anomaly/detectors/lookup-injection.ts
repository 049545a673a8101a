import type { Detector } from '../view.ts'

/** One lookup without another in it, as Log4j and Apache Commons Text read them. */
const innermost = /\$\{((?:[^${}]|\$(?!\{)){0,256})\}/g

/** More levels than anyone nests, and more lookups; each level is one pass. */
const levels = 8
const most = 128

/** What has a server load code, or run it (CVE-2021-44228, CVE-2022-42889). */
const loading = /\$\{\s{0,4}(?:jndi|script|dns|url)\s{0,4}:(?![….}])/i

/** The same where its protocol follows at once, once its letters are put together. */
const joined = /\$\{\s{0,4}jndi[a-z]{3,5}:/i

/** What tells of the machine, and names only Log4j has. */
const telling =
  /\$\{\s{0,4}(?:sys|java|ctx|main|docker|k8s|kubernetes|spring|bundle|marker|base64)\s{0,4}:(?!-)[\w.:=+-]{1,128}(?![\w/$\\])/i

/** The environment, which PowerShell and configurations write the same. */
const environment = /\$\{\s{0,4}env\s{0,4}:/i

/**
 * Finds lookups that a logger or a template of strings carries out (CWE-917): `${jndi:…}`, however
 * its letters are put together from other lookups, and those that tell what the machine knows.
 */
export const lookupInjection: Detector = ({ text, place }) => {
  if (!text.includes('${')) return 0
  if (loading.test(text)) return 1
  const resolved = resolve(text)
  if (resolved !== text && isTold(resolved)) return 0.95
  if (telling.test(text)) return 0.6
  if (!environment.test(text)) return 0
  // In a sentence, or in a line of a configuration, that is how others write a variable.
  return place === 'header' || /^\S{0,64}\$\{[^}\s]{0,128}\}\S{0,64}$/.test(text) ? 0.6 : 0
}

const isTold = (resolved: string): boolean =>
  loading.test(resolved) || joined.test(resolved) || telling.test(resolved)

/** Puts the letters together that the inner lookups stand for, from the inside out. */
function resolve(text: string): string {
  let current = withFew(text)
  for (let level = 0; level < levels; level++) {
    const next = current.replace(innermost, (found, lookup: string) => meaningOf(found, lookup))
    if (next === current) break
    current = next
  }
  return current
}

/** As much of a text as holds some lookups: more of them put no letters together. */
function withFew(text: string): string {
  let at = -1
  for (let count = 0; count < most; count++) {
    at = text.indexOf('${', at + 1)
    if (at < 0) return text
  }
  return text.slice(0, at)
}

/**
 * What a lookup comes to. One that has no value of its own, outside of an attack, stays: taken out,
 * it would be gone before it is judged.
 */
function meaningOf(found: string, lookup: string): string {
  const fallback = lookup.lastIndexOf(':-')
  if (fallback >= 0) return lookup.slice(fallback + 2).replaceAll('$', '')
  const [, kind = '', value = ''] = /^\s{0,4}(lower|upper|date)\s{0,4}:(.*)$/is.exec(lookup) ?? []
  if (kind === '') return isTold(found) ? found : ''
  // Upper case, since that of ı is I.
  return value.replaceAll("'", '').toUpperCase()
}
