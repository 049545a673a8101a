/** A piece of template markup: what stands between its delimiters. */
export interface Expression {
  /** The opening delimiter: `{{`, `{%`, `${`, `#{`, `<%` and their like. */
  readonly opening: string
  /** In lower case. */
  readonly content: string
  readonly start: number
  readonly isClosed: boolean
}

/** Jinja, Twig, Angular, Go; JSP, SpEL, Freemarker, Velocity; ERB, EJS, ASP; Razor; Smarty's PHP. */
const openings = /\{\{|\{%|[$#*@~%]\{|<%|<#|\[#|\[=|#(?:set|evaluate|include|if)\s{0,4}\(|@\(/g

const closings: Readonly<Record<string, string>> = {
  '{{': '}}',
  '{%': '%}',
  '<%': '%>',
  '<#': '>',
  '[#': ']',
  '[=': ']',
}

/** Payloads are shorter, and texts with a brace left open end somewhere. */
const longest = 1024

/** The template markup of a text in lower case. Linear: all of it together is read a few times. */
export function* expressionsOf(lower: string): Generator<Expression> {
  let budget = 8 * lower.length + longest
  openings.lastIndex = 0
  for (
    let found = openings.exec(lower);
    found !== null && budget > 0;
    found = openings.exec(lower)
  ) {
    const from = openings.lastIndex
    const region = lower.slice(from, from + longest)
    const end = endOf(region, found[0])
    budget -= end < 0 ? region.length : end
    const content = end < 0 ? region : region.slice(0, end)
    yield { opening: found[0], content, start: found.index, isClosed: end >= 0 }
    // `${{` is two openings.
    openings.lastIndex = found.index + 1
  }
}

function endOf(region: string, opening: string): number {
  const closing = closings[opening]
  if (closing !== undefined) return region.indexOf(closing)
  return opening.endsWith('(') ? balanced(region, '(', ')') : balanced(region, '{', '}')
}

/** Where the bracket closes that was open at the beginning. */
function balanced(region: string, open: string, close: string): number {
  let depth = 1
  for (let i = 0; i < region.length; i += 1) {
    if (region[i] === open) depth += 1
    else if (region[i] === close && --depth === 0) return i
  }
  return -1
}
