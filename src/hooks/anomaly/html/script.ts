import { readScript } from './javascript.ts'
import { stretchesOf } from './stretches.ts'
import { tellers } from './tellers.ts'

/** Calls that show, run, write or send something. */
const calls = new RegExp(
  `(?<![\\w$])(?:${tellers}|msgbox|write(?:ln)?|string\\.fromcharcode|import|importscripts|fetch|open|atob|unescape|constructor|sendbeacon|postmessage|appendchild|createelement|\\$eval)(?:\\(|\\.call\\b|\\.apply\\b)`,
)

/** Objects of the page, reached into or set; and errors, thrown at a handler. */
const reaches =
  /(?<![\w$-])(?:document|window|location|top|self|parent|frames|globalthis|this|localstorage|sessionstorage|navigator)(?:\.[a-z$_]|\[|=(?!=))|\.innerhtml\+?=|throw\b/

/** Code is read that far: what it does, an attack does soon. */
const longest = 512

/** Whether code does something to the page or the world, or hides what it calls. */
export function acts(text: string): boolean {
  const { code, disguised } = readScript(text.length > longest ? text.slice(0, longest) : text)
  return disguised.length > 0 || calls.test(code) || reaches.test(code) || /^\\[ux]/.test(text)
}

/** Whether a text could be code at all, rather than a word or a number. */
export const isCodey = (text: string): boolean => /[(`=;[\\]|throw|script:|#@~\^/.test(text)

/** What bare code is an attack's by, in the normal form of {@linkcode readScript}. */
const attacks: readonly RegExp[] = [
  // Shows or runs what is the victim's, or what was spelled in numbers.
  new RegExp(
    `(?<![\\w$])(?:${tellers})\\([^()]{0,40}(?:document\\.(?:cookie|domain|location|url)|string\\.fromcharcode|localstorage|sessionstorage|atob\\(|unescape\\()`,
  ),
  /(?<![\w$])(?:alert|confirm|prompt|eval)\((?:\w{1,10}\.)?(?:location|origin)\b/,
  /string\.fromcharcode\((?:\d{2,3},){5}/,
  // Runs a text that shows something, or one that was put together.
  new RegExp(
    `(?<![\\w])(?:eval|function|settimeout|setinterval)\\('[^']{0,80}\\b(?:${tellers})\\(`,
  ),
  /(?<![\w$.])eval\(\w{1,20}(?:\+\w{1,20}){1,20}\)/,
  // Stands in a template of the page, or in an attribute of a browser long gone, or loads a script from elsewhere.
  /\$\{(?:alert|eval)\(|&\{(?:alert|eval|document)\b|=&\{\(|(?<![\w.$])import\('(?:\/\/|data:)/,
  // Hands a teller to a function that calls it.
  /\.(?:map|find|filter|foreach|some|every|sort|reduce|replace|from|call|apply|findindex|concat)\((?:[\w.']{0,12},)?(?:alert|confirm|prompt|eval)[),]/,
  // The constructor of a function makes functions of texts: the way out of every sandbox.
  /constructor\.constructor\(|\.constructor\('|constructor\.prototype\.\w{1,20}=|(?<![=!])='constructor'/,
  // The handler of errors becomes the evaluator, and an error is thrown at it.
  /onerror=(?:window\.)?(?:alert|eval|prompt|confirm)\b|throw onerror=/,
  // The page goes to a script, is written anew, or sends its cookies off.
  /location(?:\.href)?='(?:javascript|data):|document\.write(?:ln)?\([^()]{0,40}(?:<|fromcharcode|unescape|decodeuri|atob)|document\.cookie=true|(?:src|href|location|fetch|open|sendbeacon|post|get)\b.{0,120}\+(?:escape\(|btoa\(|encodeuricomponent\()?document\.cookie/,
  // A dialog or a jump that is all there is.
  /^(?:(?:window|self|top|parent|globalthis)\.)?(?:alert|confirm|prompt)\((?:\d{0,6}|origin|name|document\.\w{1,20})\)[;/]{0,3}$|^(?:(?:window|document|self|top|parent)\.)?location(?:\.href)?=(?:(?:window\.)?name;?$|location\.(?:hash|search)\b)|(?<![\w$.])eval\((?:window\.|top\.|self\.)?name\)/,
  // Cookies are sent, a name is decoded and called, a teller gets another name; a script is fetched.
  /(?<![\w$])(?:fetch|sendbeacon|post|send|open)\(.{0,100}document\.cookie|[\w$]\[(?:atob|unescape|decodeuri\w{0,10}|string\.fromcharcode)\([^()]{0,60}\)\]\(/,
  /(?<![\w$.])[a-z_$][\w$]{0,8}=(?:(?:window|self|top)\.)?(?:alert|confirm|prompt|eval|execscript)[,;][^\n]{0,64}[\w$)\]]\(|\.getscript\('(?:https?:)?\/\/|\.globaleval\(|(?<![\w$.])(?:alert|confirm|prompt|eval)\.(?:call|apply|bind)\((?:null|undefined|this|window|self|top|'|\d|\[)|with\((?:document|window|location|self)\)\w|with\([\w.$]{1,40}\)(?:alert|confirm|prompt|eval)\(|(?<![\w$.])eval\((?:url|location|document|window)\b|\[(?:alert|confirm|prompt|eval)\]\[/,
  // What is left of an attribute whose beginning was taken away, and of a broken `try`.
  /(?<![\w$.])(?:alert|confirm|prompt)\([^()]{0,40}\)(?:\/\/|;)?["']{0,2}\/?>|catch\(\w{1,8}\)\{(?:alert|confirm|prompt|eval)\([^()]{0,40}\)\}\/\//,
]

/** Functions that nobody calls by another name but to hide them; or as tags of templates. */
const hidden = new RegExp(`^(?:${tellers}|call|apply|sort|map|constructor|bind)$`)

/** Brackets, plus and exclamation marks that spell any program (JSFuck). */
const brackets = /(?:!\[\]|\+\[\]|\[\]\)|\[!?\+?\[)[[\]()!+{}]{16,}/

/** How surely JavaScript by itself, outside of a page, is an attack's. */
export const scoreOfScript = (lower: string): number =>
  stretchesOf(lower).some(isAttack) || (lower.includes('\\') && escapedProperty.test(lower))
    ? 0.8
    : lower.startsWith('(') || lower.startsWith('document')
      ? scoreOfDisguise(lower)
      : 0

/** A property of the page whose name is nothing but escapes. */
const escapedProperty =
  /(?<![\w$])(?:self|top|window|this|parent|frames|document|globalthis)\[\s?["'`]\\[xu]\{?[\da-f]{2}/

/** The page's secrets, named so that no filter finds the name, and with nothing before it. */
const disguise =
  /^\(?document\)?\s{0,8}(?:\/\*[^*]{0,32}\*\/\s{0,8}\.?\s{0,8}(?:\/\*[^*]{0,32}\*\/\s{0,8})?\)?[\w[]|\[\s{0,4}["'`](?:cookie|location|domain|write))/

const scoreOfDisguise = (lower: string): number => (disguise.test(lower) ? 0.6 : 0)

/** What a text of one's own is put together from pieces for. */
const joined = /'(?:javascript:|(?:eval|alert|confirm|prompt|execscript)\b)/

function isAttack(stretch: string): boolean {
  const { code, disguised } = readScript(stretch)
  const found = joined.exec(code)?.[0].slice(1)
  if (found !== undefined && !stretch.includes(found)) return true
  return (
    disguised.some((name) => hidden.test(name)) ||
    brackets.test(code) ||
    attacks.some((attack) => attack.test(code))
  )
}
