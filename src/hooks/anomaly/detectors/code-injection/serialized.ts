/** Serialized objects whose classes run code as they are read (CWE-502). */

/** PHP: an object or a custom one, by class name, size and members; not mere arrays and strings. */
const php = /(?:^|[^a-z0-9])[oc]:\+?\d{1,6}:\\?"\\{0,2}[a-z_][\w\\]{0,120}\\?":\+?\d{1,6}:\{/

/** YAML that names a class to make; JSON that does; XML of `XMLDecoder` and XStream. */
const named =
  /!!python\/(?:object|module|name)|!ruby\/(?:object|hash|struct)|!!javax?\.[a-z]|!!com\.sun\.|!<?!?(?:tag:yaml\.org,2002:)?js\/function\s{1,4}(?:['">|]|function)|"[@$]type"\s{0,4}:\s{0,4}"(?:system\.|microsoft\.|com\.sun\.|java[x.]|org\.(?:apache|springframework|hibernate)\.)|\[\s{0,4}"(?:com\.sun|ch\.qos|org\.apache|org\.springframework)\.[\w.$]{1,120}"\s{0,4},|java\.beans\.(?:xmldecoder|eventhandler)|<dynamic-proxy>|objectdataprovider|_\$\$nd_func\$\$_/

/** Python's pickle, version 0: a function of a module that runs commands. */
const pickle = /(?:^|\n|\()c(?:os|posix|nt|subprocess|builtins|__builtin__|commands)\n\w{1,30}\n/

/** What the formats of Java, .NET and Python begin with, in Base64 or hexadecimal; case matters. */
const beginnings =
  /(?:^|[^A-Za-z0-9+/])rO0AB[A-Za-z0-9+/]{2}|AAEAAAD\/{4}|(?:^|[^0-9a-fA-F])(?:aced0005|ACED0005)(?:7|$)/

/** How surely a text is a serialized object. */
export function scoreOfSerialized(text: string, lower: string): number {
  if (/[:!<_]/.test(lower) && (php.test(lower) || named.test(lower))) return 0.95
  return beginnings.test(text) || pickle.test(lower) ? 0.85 : 0
}
