/** Where a document says that its schema is (XML Schema 1.1 Part 1 §4.3.2), or takes in another. */
const location = /schemalocation\s{0,8}=\s{0,8}["']([^"'<>]{1,1024})["']/g

/** Locations of a document that are looked at. */
const mostLocations = 8

const address = /^(?:https?|ftp|file|gopher|jar):\/\/?([^/:?#\s]*)/

/** How the file of a schema is named. */
const schemaFile = /\.(?:xsd|dtd|wsdl)$/

/**
 * Whether a document sends its parser to another site for a schema. Honest ones are at
 * the site of the names that they define, or files: `http://maven.apache.org/POM/4.0.0` and
 * `https://maven.apache.org/xsd/maven-4.0.0.xsd`.
 */
export function fetchesSchema(lower: string): boolean {
  let looks = 0
  for (const [, value = ''] of lower.matchAll(location)) {
    const words = value.trim().split(/\s+/, 32)
    const [first = ''] = words
    // Pairs of a name and its location, or a location alone.
    const pairs = words.length === 1 ? [['', first]] : pairsOf(words)
    if (pairs.some(([name = '', place = '']) => leadsAway(name, place))) return true
    if (++looks === mostLocations) break
  }
  return false
}

const pairsOf = (words: readonly string[]): readonly (readonly string[])[] =>
  words.flatMap((name, at) => (at % 2 === 0 ? [[name, words[at + 1] ?? '']] : []))

function leadsAway(name: string, place: string): boolean {
  const host = address.exec(place)?.[1]
  if (host === undefined) return false
  const owner = address.exec(name)?.[1]
  if (owner === undefined) return place.startsWith('file') || !schemaFile.test(place)
  return siteOf(owner) !== siteOf(host)
}

/** The last two names of a host. */
const siteOf = (host: string): string => host.split('.').slice(-2).join('.')
