/** What is said of a statement without saying what is in it. */
export interface QuerySummary {
  /** The verb, upper case: `SELECT`. */
  readonly operation: string
  /** The first table, without quotes. */
  readonly table: string | undefined
  /** Both: `SELECT calls`. */
  readonly summary: string
  /** The statement, with `?` for each text literal: what is no parameter could be a value. */
  readonly text: string
}

const identifier = '(?:only\\s+)?((?:"[^"]+"|[\\w$]+)(?:\\s*\\.\\s*(?:"[^"]+"|[\\w$]+))?)'
const targets: Readonly<Record<string, RegExp>> = {
  SELECT: new RegExp(`\\bfrom\\s+${identifier}`, 'i'),
  INSERT: new RegExp(`\\binto\\s+${identifier}`, 'i'),
  UPDATE: new RegExp(`\\bupdate\\s+${identifier}`, 'i'),
  DELETE: new RegExp(`\\bfrom\\s+${identifier}`, 'i'),
}

/** Statements of a program are few; texts built on the fly must not fill the memory. */
const cacheLimit = 1000
const lengthLimit = 255

/** Makes a function that summarizes statements, and remembers the summaries of 1000 of them. */
export function querySummaries(): (text: string) => QuerySummary {
  const known = new Map<string, QuerySummary>()
  return (text) => {
    const found = known.get(text)
    if (found) return found
    const summary = summarize(text)
    if (known.size >= cacheLimit) known.clear()
    known.set(text, summary)
    return summary
  }
}

function summarize(text: string): QuerySummary {
  const bare = text.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ').replace(/'(?:[^']|'')*'/g, '?')
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
