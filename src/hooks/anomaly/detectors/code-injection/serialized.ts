import { hasAny, type Sign } from '../../places.ts'

/** Serialized objects whose classes run code as they are read (CWE-502). */

/** What PHP writes in front of an object's members: `O:3:"Foo":1`. */
const phpObject = /(?:^|[^a-z0-9])[oc]:\+?\d{1,6}:\\?"\\{0,2}[a-z_][\w\\]{0,120}\\?":\+?\d{1,6}$/

/** Braces behind a number that are looked at. */
const mostBraces = 64

/** PHP: an object or a custom one, by class name, size and members; not mere arrays and strings. */
function hasPhpObject(lower: string): boolean {
  let at = lower.indexOf(':{')
  for (let looks = 0; at >= 0 && looks < mostBraces; looks += 1) {
    const before = lower.charCodeAt(at - 1)
    if (before >= 48 && before <= 57 && phpObject.test(lower.slice(Math.max(0, at - 160), at)))
      return true
    at = lower.indexOf(':{', at + 2)
  }
  return false
}

const trusted =
  'system\\.|microsoft\\.|com\\.sun\\.|java[x.]|org\\.(?:apache|springframework|hibernate|codehaus)\\.|ch\\.qos\\.'

/** YAML and XML that name a class to make, and what other formats are known by. */
const named: readonly Sign[] = [
  ['!!', /!!(?:python\/(?:object|module|name)|javax?\.[a-z]|com\.sun\.|org\.[a-z]{3,20}\.[a-z])/y],
  ['!ruby/', /!ruby\/(?:object|hash|struct)/y],
  ['!', /!(?:<tag:yaml\.org,2002:|!)?js\/function>?\s{1,4}(?:['">|]|function)/y],
  ['[', /\[\s{0,4}"(?:com\.sun|ch\.qos|org\.apache|org\.springframework)\.[\w.$]{1,120}"\s{0,4},/y],
  // Classes of Java that are nothing but a way to run code.
  [
    'com.sun.',
    /com\.sun\.(?:rowset\.jdbcrowsetimpl|org\.apache\.(?:xalan\.internal\.xsltc\.trax\.templatesimpl|bcel\.internal))/y,
  ],
  ['commons.coll', /(?<=org\.apache\.)commons\.collections4?\.functors/y],
  ['<dynamic-proxy', /<dynamic-proxy>/y],
  ['<objectdataprovider', /<objectdataprovider/y],
  ['_$$nd_func$$_', /_\$\$nd_func/y],
  // Ruby's Marshal and Java's streams, with their control characters escaped.
  ['\\x', /\\x(?:04\\x08[oue[{]|ac\\xed\\x00)/y],
  ['%ac%ed', /%ac%ed%00/y],
  ['\u00ac\u00ed', /\u00ac\u00ed/y],
]

/** JSON and XML whose text names a class: behind a quote. */
const quoted: readonly Sign[] = [
  ['"@', new RegExp(`"@(?:type|class)"\\s{0,4}:\\s{0,4}"(?:${trusted})`, 'y')],
  ['"$', new RegExp(`"\\$type"\\s{0,4}:\\s{0,4}"(?:${trusted})`, 'y')],
  [
    '"java.',
    /(?<==\s{0,4})"java\.(?:lang\.(?:runtime|processbuilder)|beans\.(?:xmldecoder|eventhandler))/y,
  ],
  ['"__js_function', /"__js_function"\s{0,4}:/y],
]

/** XStream makes an object of any class that an element is named after; case matters. */
const elements: readonly Sign[] = [
  [
    '<',
    /<(?:javax?|jdk|sun|com\.sun|groovy|org\.(?:apache|codehaus|springframework|hibernate))\.[a-z][a-z0-9.]{1,80}\.[A-Z]\w{2,60}[>\s/_]/y,
  ],
]

/** Python's pickle, version 0: a function of a module that runs commands. */
const pickle = /(?:^|[\n(])c(?:os|posix|nt|subprocess|builtins|__builtin__|commands)\n\w{1,30}\n/

/** A pickle begins with what it calls, or with what that is put into. */
const beginning = 256

/** How surely a text is a serialized object. */
export function scoreOfSerialized(text: string, lower: string): number {
  if (lower.includes(':{') && hasPhpObject(lower)) return 0.95
  if (/[!<%\\[_\u00ac]/.test(lower) && hasAny(lower, named)) return 0.95
  if (lower.includes('"') && hasAny(lower, quoted)) return 0.95
  if (lower.includes('\n') && pickle.test(lower.slice(0, beginning))) return 0.85
  return lower.includes('<') && hasAny(text, elements) ? 0.85 : 0
}
