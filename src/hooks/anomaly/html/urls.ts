import { readIpv4 } from '../detectors/request-forgery/ipv4.ts'
import { isAt } from '../places.ts'
import { acts } from './script.ts'

/** Everything up to the space, which browsers drop in and before a scheme (WHATWG URL §4.4). */
const ignored = /[^!-\uffff]+/g

/** A scheme that runs what follows it: today's, and those of browsers long gone. */
const runningScheme =
  /(?:^|[^a-z])(?:java|vb|live|j)script:|^(?:vbs|mocha):.*[[(=]|^(?:java|vb)script#.*[(=]/

/** What links say that want no link. */
const doesNothing = /^[^a-z]*javascript:(?:\/\/)?(?:void\(?0?\)?)?;?(?:return(?:false)?;?)?$/

/** `data:` that is shown or saved, and never run. */
const harmlessData =
  /^data:(?:image\/(?!svg)|audio\/|video\/|font\/|text\/(?:plain|csv|css)|application\/(?:pdf|json|zip|octet-stream|font|x-font|vnd\.)|$)/

/** How surely the value of an attribute is a URL that runs; any attribute will do in some browser. */
export function scoreOfUrl(value: string, element: string): number {
  if (value.length < 4 || !/[:#]/.test(value)) return 0
  const compact = value.replace(ignored, '')
  if (runningScheme.test(compact)) return doesNothing.test(compact) || isTitle(value) ? 0 : 0.95
  if (isObscure(compact)) return 0.7
  if (!compact.startsWith('data:') || harmlessData.test(compact)) return 0
  // A picture in an `img` runs nothing, whatever is in it.
  return element === 'img' && compact.startsWith('data:image/') ? 0 : 0.9
}

const hostOfUrl = /^(?:https?:)?\/\/([\da-fx.]{4,48})(?:[:/?#]|$)/

/** An address whose host is a number in octal, hexadecimal or too few parts: for filters and readers. */
function isObscure(compact: string): boolean {
  const host = hostOfUrl.exec(compact)?.[1]
  return host !== undefined && readIpv4(host)?.odd === true
}

/** `title="JavaScript: the good parts"`: a space and words behind the colon, and no code. */
const isTitle = (value: string): boolean => /script: [^(`=[\\%/]*$/.test(value)

/** What browsers drop from within a scheme, but for the spaces of prose. */
const controls = /[^ -\uffff]+/g

/** A scheme that runs what follows it. */
const engine = /(?:^|[^\w-])(?:java|vb|live)script$/

/** Colons of a text that are looked at, and those of them that stand behind such a scheme. */
const mostColons = 1024
const mostSchemes = 32

/** A document in `data:` that is read as HTML. */
const page =
  /data:(?:text\/html|application\/xhtml\+xml)(?:[^\s,]{0,60}base64\s{0,4},|[^<]{0,40},\s{0,4}(?:<|&#60|&lt))/y

/** How surely a text holds a URL that runs, wherever it stands. */
export function scoreOfUrlInText(lower: string): number {
  let schemes = 0
  let at = lower.indexOf(':')
  for (let looks = 0; at >= 0 && looks < mostColons && schemes < mostSchemes; looks += 1) {
    if (isBehindScheme(lower, at)) {
      schemes += 1
      if (isCodeAfterColon(lower.slice(at + 1, at + 200).replace(controls, ''))) return 0.9
    }
    at = lower.indexOf(':', at + 1)
  }
  return lower.includes('data:') && isAt(lower, 'data:', page) ? 0.8 : 0
}

/** Whether what stands before a colon is a scheme that runs, with control characters in it or not. */
function isBehindScheme(lower: string, colon: number): boolean {
  let end = colon
  while (end > 0 && colon - end < 8 && lower.charCodeAt(end - 1) < 32) end -= 1
  if (lower[end - 1] !== 't') return false
  const last = lower.charCodeAt(end - 2)
  // `p` of `script`, or a control character.
  if (last >= 32 && last !== 112) return false
  return engine.test(lower.slice(Math.max(0, end - 40), end).replace(controls, ''))
}

/** `javascript:void(0)` and its like, up to the end of the value or of the attribute it stands in. */
const harmlessRest = /^(?:void\(?0?\)?)?;?(?:return(?:false)?;?)?["'`]{0,3}(?:[>),}\].;]|$)/

/** A sentence may have "JavaScript: the language"; code stands close, or acts. */
function isCodeAfterColon(rest: string): boolean {
  const run = /^\S*/.exec(rest.trimStart())?.[0] ?? ''
  if (harmlessRest.test(run)) return false
  return /\s/.test(rest[0] ?? '') ? /[(`=[]/.test(run) && acts(run) : /[(`=[\\%]|^["'/]/.test(run)
}
