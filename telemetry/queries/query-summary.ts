/** What is said of a statement without saying what is in it. */
export interface QuerySummary {
  /** The verb, upper case: `SELECT`. */
  readonly operation: string
  /** The first table, without quotes. */
  readonly table: string | undefined
  /** Both: `SELECT calls`. */
  readonly summary: string
  /** The statement, with `?` for each literal, texts and numbers alike: either could be a value. */
  readonly text: string
}

/** A name, with or without its schema. */
const identifier = '(?:only\\s+)?((?:"[^"]+"|[\\w$]+)(?:\\s*\\.\\s*(?:"[^"]+"|[\\w$]+))?)'

/** The same where a parenthesis would make a function of it. */
const relation = `${identifier}(?![\\w$"]|\\s*[.(])`

/** Not `is distinct from`, nor what stands in calls such as `extract(epoch from now())`. */
const from = `(?<!\\bdistinct\\s+|\\b(?:extract|substring|trim|overlay)\\s*\\([^()]*)\\bfrom\\s+${relation}`

const targets: Readonly<Record<string, RegExp>> = {
  SELECT: new RegExp(from, 'i'),
  INSERT: new RegExp(`\\binto\\s+${identifier}`, 'i'),
  // Not `for update`, nor `on conflict do update`.
  UPDATE: new RegExp(`(?<!\\b(?:for|key|do)\\s+)\\bupdate\\s+${identifier}`, 'i'),
  DELETE: new RegExp(from, 'i'),
}

/** Statements of a program are few; texts built on the fly must not fill the memory. */
const cacheLimit = 1000
const lengthLimit = 255

/**
 * Characters of a statement that are looked at: spans keep fewer, and an insert of 500 rows says at
 * its beginning what it is.
 */
const scanLimit = 4096

/**
 * The parts of a statement by PostgreSQL's lexical rules. In a group is what is kept: names, also
 * quoted ones, and parameters. Comments and literals are not, nor are literals that have no end,
 * because the limit cut them.
 */
const parts = new RegExp(
  [
    /(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))/,
    /[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)/,
    /(?:[bBnNxX]|[uU]&)?'(?:[^']|'')*(?:'|$)/,
    /\$(?<tag>[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*|)\$[\s\S]*?(?:\$\k<tag>\$|$)/,
    /(?<kept>"(?:[^"]|"")*(?:"|$)|\$\d+|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)/,
    /\.?\d(?:[eE][+-]|[\w.])*/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
)

/** Makes a function that summarizes statements, and remembers the summaries of 1000 of them. */
export function querySummaries(): (text: string) => QuerySummary {
  const known = new Map<string, QuerySummary>()
  return (text) => {
    const beginning = text.length > scanLimit ? text.slice(0, scanLimit) : text
    const found = known.get(beginning)
    if (found) return found
    const summary = summarize(beginning)
    if (known.size >= cacheLimit) known.clear()
    known.set(beginning, summary)
    return summary
  }
}

function summarize(text: string): QuerySummary {
  const bare = text.replaceAll(parts, (...match) => {
    const { comment, kept } = match.at(-1) as Readonly<Record<string, string | undefined>>
    return comment === undefined ? (kept ?? '?') : ' '
  })
  const first = /[a-z]+/i.exec(bare)?.[0].toUpperCase() ?? 'SQL'
  // What a WITH is for, its last verb says; those before it are in parentheses.
  const operation =
    first === 'WITH'
      ? (/\)\s*(insert|update|delete|select)\b/i.exec(bare)?.[1]?.toUpperCase() ?? 'SELECT')
      : first
  const table = targets[operation]
    ?.exec(bare)?.[1]
    ?.replace(/["\s]/g, '')
    .slice(0, lengthLimit - operation.length - 1)
  return {
    operation,
    table,
    summary: table === undefined ? operation : `${operation} ${table}`,
    text: bare.trim(),
  }
}
