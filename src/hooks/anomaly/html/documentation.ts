import { acts } from './script.ts'

/** A stretch of a text, with its end excluded. */
interface Span {
  readonly start: number
  readonly end: number
}

/**
 * A text without the code that it quotes: spans and fences of Markdown in a text that is prose
 * otherwise, and, where a layer of encoding came off, what stands in `<code>` and `<pre>`: there
 * the page has `&lt;`. What is taken out becomes spaces. Code that acts stays, for a page that is
 * careless enough to show a text as HTML knows no Markdown.
 */
export function withoutQuotedCode(lower: string, layers: number): string {
  const text = lower.includes('`') ? withoutMarkdown(lower) : lower
  if (layers === 0 || !(text.includes('<code') || text.includes('<pre'))) return text
  return blanked(
    text,
    ['code', 'pre', 'tt'].flatMap((name) => [...elementsOf(text, name)]),
  )
}

function withoutMarkdown(lower: string): string {
  const spans = spansOf(lower)
  if (spans.length === 0) return lower
  const inProse = isProse(blanked(lower, spans).slice(0, longestProse))
  return blanked(
    lower,
    spans.filter(({ start, end }) => isHarmless(lower.slice(start, end), inProse)),
  )
}

/** Whether a text is prose is told from its beginning. */
const longestProse = 2048

/** A page that shows a text as HTML knows no Markdown: what acts there is not taken for a quote. */
function isHarmless(code: string, inProse: boolean): boolean {
  if (!/<[a-z/]/.test(code)) return inProse
  if (acts(code) || code.includes('script:')) return false
  const isFence = code.startsWith('```')
  if (takesIn.test(code)) return isFence && inProse
  return isFence || inProse || namesElement.test(code)
}

/** A tag without attributes, and nothing else of HTML. */
const namesElement = /^`{1,2}[^<]*<\/?[a-z][\w:-]{0,40}\/?>[^<]*`{1,2}$/

/** Takes something in from another site. */
const takesIn =
  /<(?:script|iframe|frame|embed|object|base|link)\b[^<>]{0,200}=\s{0,4}["']?\s{0,4}(?:https?:)?[/\\]{2}/

/** Backticks of a text that are looked at, and spans: a text has no more, or is a long document. */
const mostBackticks = 128
const mostSpans = 48

/** Spans of equal runs of one to three backticks that stand where a word could stand. */
function spansOf(lower: string): Span[] {
  const spans: Span[] = []
  let i = lower.indexOf('`')
  for (let looks = 0; i >= 0 && looks < mostBackticks && spans.length < mostSpans; looks += 1) {
    const fence = lower.startsWith('```', i) ? '```' : lower.startsWith('``', i) ? '``' : '`'
    const behind = i + fence.length
    const close = lower.indexOf(fence, behind)
    if (close < 0) break
    const isSpan = fence.length === 3 || isCodeSpan(lower, i, behind, close, close + fence.length)
    if (isSpan) spans.push({ start: i, end: close + fence.length })
    i = lower.indexOf('`', isSpan ? close + fence.length : behind)
  }
  return spans
}

function isCodeSpan(lower: string, open: number, from: number, to: number, end: number): boolean {
  if (to <= from || /^["'`\s]|\s$/.test(lower.slice(from, to))) return false
  const before = lower[open - 1] ?? ' '
  const behind = lower[end] ?? ' '
  return /[\s(,:/|*_[-]/.test(before) && /[\s.,:;?!)/|*_\]'s-]/.test(behind)
}

function* elementsOf(lower: string, name: string): Generator<Span> {
  const closing = `</${name}`
  let start = lower.indexOf(`<${name}`)
  while (start >= 0) {
    const begin = lower.indexOf('>', start) + 1
    const end = begin === 0 ? -1 : lower.indexOf(closing, begin)
    if (end < 0) return
    yield { start: begin, end }
    start = lower.indexOf(`<${name}`, end)
  }
}

function blanked(text: string, spans: readonly Span[]): string {
  let result = ''
  let from = 0
  for (const { start, end } of spans) {
    if (start < from) continue
    result += text.slice(from, start) + ' '.repeat(end - start)
    from = end
  }
  return result + text.slice(from)
}

/** Three words and no tag. */
function isProse(text: string): boolean {
  if (/<[a-z/!?]/.test(text)) return false
  const words = /(?<![^\s("'])[^\W\d_]{2,}(?![^\s.,:;?!)"'])/g
  return words.test(text) && words.test(text) && words.test(text)
}
