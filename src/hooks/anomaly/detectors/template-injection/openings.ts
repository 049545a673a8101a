/** Where a piece of template markup begins. */
export interface Opening {
  /** The delimiter: `{{`, `{%`, `${`, `#{`, `<%` and their like. */
  readonly text: string
  readonly start: number
  /** Just behind the delimiter. */
  readonly from: number
}

/** Brackets of one kind that are looked at, and openings: a field that holds as many is no field. */
const mostBrackets = 384
const mostOpenings = 96

/** What makes an expression of a brace: SpEL, Freemarker, Velocity, Thymeleaf, Razor, Struts. */
const marks = '$#*@~%'

/** JSP, ERB, EJS, ASP; Freemarker; Template Toolkit; Razor; Velocity. */
const others = ['<%', '<#', '[#', '[=', '[%', '@(', '#set', '#evaluate', '#include', '#if']

/** The openings of a text, those that have a brace first. */
export function openingsOf(lower: string): readonly Opening[] {
  const openings: Opening[] = []
  if (lower.includes('{')) addBraces(lower, openings)
  for (const text of others)
    if (openings.length < mostOpenings && lower.includes(text.charAt(0)))
      addOthers(lower, text, openings)
  return openings
}

/** `${`, and `{{` of Jinja, Twig, Angular and Go. */
function addBraces(lower: string, openings: Opening[]): void {
  let at = lower.indexOf('{')
  for (let looks = 0; at >= 0 && looks < mostBrackets; looks += 1) {
    const before = lower.charAt(at - 1)
    if (before !== '' && marks.includes(before))
      openings.push({ text: `${before}{`, start: at - 1, from: at + 1 })
    else if (before === '!' && lower[at - 2] === '$')
      openings.push({ text: '${', start: at - 2, from: at + 1 })
    const behind = lower.charAt(at + 1)
    if (behind === '{' || behind === '%')
      openings.push({ text: behind === '{' ? '{{' : '{%', start: at, from: at + 2 })
    // Blade shows a value as it is.
    else if (behind === '!' && lower[at + 2] === '!')
      openings.push({ text: '{!!', start: at, from: at + 3 })
    if (openings.length >= mostOpenings) return
    at = lower.indexOf('{', at + 1)
  }
}

function addOthers(lower: string, text: string, openings: Opening[]): void {
  const isDirective = text.length > 2
  let at = lower.indexOf(text)
  for (let looks = 0; at >= 0 && looks < mostBrackets; looks += 1) {
    const from = isDirective ? behindBracket(lower, at + text.length) : at + 2
    if (from > 0) openings.push({ text: isDirective ? '#(' : text, start: at, from })
    if (openings.length >= mostOpenings) return
    at = lower.indexOf(text, at + 2)
  }
}

/** Just behind the bracket of a directive's arguments; 0 where there is none. */
function behindBracket(lower: string, at: number): number {
  const from = lower[at] === ' ' ? at + 1 : at
  return lower[from] === '(' ? from + 1 : 0
}
