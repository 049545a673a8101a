/** What the formats of Java and .NET begin with, in Base64 and hexadecimal. */
const java = /(?:^|[^A-Za-z0-9+/])rO0AB[A-Za-z0-9+/]{2}/
const javaInHexadecimal = /(?:^|[^0-9a-f])aced0005(?:7|$)/
const dotNetInHexadecimal = '0001000000ffffffff01'

/** The same nine bytes, from any of three on. */
const dotNet = /AAEAAAD\/{5}|AQAAAP\/{4}8B|AAAA\/{5}wE/

/** What runs commands or code in Python. */
const python = /\b(?:system|popen|exec|eval|subprocess|builtins|posix)\b/

/** Texts that are Base64 and nothing else, by what they begin with, and what is in them then. */
const encoded: ReadonlyMap<string, RegExp> = new Map([
  // PHP: an object, or an array that holds one.
  ['Tzo', /^O:\d{1,6}:"/],
  ['YTo', /[;{]O:\d{1,6}:"/],
  // Python's pickle, versions 2 to 5.
  ['gAJ', python],
  ['gAN', python],
  ['gAS', python],
  ['gAW', python],
  // Ruby's Marshal.
  ['BAh', /(?:Gem|ActiveSupport|ActionView|ActionController|ERB|Net)(?:::|[^a-zA-Z])/],
])

/** As much as is decoded. */
const longest = 4096

/** How surely a text is a serialized object in Base64 or hexadecimal. */
export function scoreOfEncodedObject(text: string, lower: string): number {
  if (
    (text.includes('rO0AB') && java.test(text)) ||
    (lower.includes('aced0005') && javaInHexadecimal.test(lower)) ||
    (text.includes('////') && dotNet.test(text)) ||
    lower.startsWith(dotNetInHexadecimal)
  )
    return 0.85
  const inside = encoded.get(text.slice(0, 3))
  return inside?.test(decoded(text)) ? 0.85 : 0
}

/** As far as it is Base64, in whole groups of four characters. */
function decoded(text: string): string {
  const run = /^[A-Za-z0-9+/_-]*/.exec(text.slice(0, longest))?.[0] ?? ''
  const whole = run.slice(0, run.length - (run.length % 4))
  return atob(whole.replaceAll('-', '+').replaceAll('_', '/'))
}
