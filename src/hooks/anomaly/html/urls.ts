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
  if (value.length < 4) return 0
  const compact = value.replace(ignored, '')
  if (runningScheme.test(compact)) return doesNothing.test(compact) || isTitle(value) ? 0 : 0.95
  if (!compact.startsWith('data:') || harmlessData.test(compact)) return 0
  // A picture in an `img` runs nothing, whatever is in it.
  return element === 'img' && compact.startsWith('data:image/') ? 0 : 0.9
}

/** `title="JavaScript: the good parts"`: a space and words behind the colon, and no code. */
const isTitle = (value: string): boolean => /script: [^(`=[\\%/]*$/.test(value)

const colon = 'script:'

/** What browsers drop from within a scheme, but for the spaces of prose. */
const hasControls = /[^ -\uffff]/
const controls = /[^ -\uffff]+/g

/** Letters that make a running scheme before `script:`. */
const engine = /(?:java|vb|live)$/

/** How surely a text holds a URL that runs, wherever it stands. */
export function scoreOfUrlInText(text: string): number {
  const lower = hasControls.test(text) ? text.replace(controls, '') : text
  for (let i = lower.indexOf(colon); i >= 0; i = lower.indexOf(colon, i + 1)) {
    const before = lower.slice(Math.max(0, i - 8), i)
    if (!engine.test(before) || /[\w-](?:java|vb|live)$/.test(before)) continue
    if (isCodeAfterColon(lower.slice(i + colon.length, i + 200))) return 0.9
  }
  return /data:(?:text\/html|application\/xhtml\+xml)[^\s,]{0,60}base64\s{0,4},|data:text\/html[^<]{0,40},\s{0,4}(?:<|&#60|&lt)/.test(
    lower,
  )
    ? 0.8
    : 0
}

/** `javascript:void(0)` and its like, up to the end of the value or of the attribute it stands in. */
const harmlessRest = /^(?:void\(?0?\)?)?;?(?:return(?:false)?;?)?["'`]{0,3}(?:[>),}\].;]|$)/

/** A sentence may have "JavaScript: the language"; code stands close, or acts. */
function isCodeAfterColon(rest: string): boolean {
  const run = /^\S*/.exec(rest.trimStart())?.[0] ?? ''
  if (harmlessRest.test(run)) return false
  return /\s/.test(rest[0] ?? '') ? /[(`=[]/.test(run) && acts(run) : /[(`=[\\%]|^["'/]/.test(run)
}
