import { type Fields, isFields, textsOf } from './fields.ts'

/**
 * Tells the workspaces of a package-lock.json from other folders that the project depends on
 * (`file:./local`): both are links, but only the first are roots of their own.
 */
export function workspaceTest(root: Fields): (path: string) => boolean {
  const declared = root['workspaces']
  const patterns = isFields(declared)
    ? textsOf(declared, 'packages', 'workspaces')
    : textsOf(root, 'workspaces', '')
  const tests = patterns
    .filter((pattern) => !pattern.startsWith('!'))
    .map((pattern) =>
      pattern
        .replace(/^\.?\//, '')
        .split('/')
        .filter(Boolean),
    )
  return (path) => tests.some((pattern) => matches(pattern, path.split('/')))
}

/** By segments; `**` stands for any number of them. Greedy, so that it takes no more than n × m. */
function matches(pattern: readonly string[], path: readonly string[]): boolean {
  return matchesBy(pattern, path, '**', segmentMatches)
}

function segmentMatches(pattern: string, segment: string): boolean {
  // What a shell would expand or choose from: rare here, and the folder is linked, so it was chosen.
  if (/[[\]{}()!?]/.test(pattern)) return true
  return matchesBy([...pattern], [...segment], '*', (a, b) => a === b)
}

/** Wildcard match over any items: `any` stands for a run of them, the others match one each. */
function matchesBy(
  pattern: readonly string[],
  items: readonly string[],
  any: string,
  same: (pattern: string, item: string) => boolean,
): boolean {
  let at = 0
  let star = -1
  let resume = 0
  for (let item = 0; item < items.length; ) {
    const wanted = pattern[at]
    if (wanted === any) {
      star = at++
      resume = item
    } else if (wanted !== undefined && same(wanted, items[item] ?? '')) {
      at++
      item++
    } else if (star === -1) return false
    else {
      at = star + 1
      item = ++resume
    }
  }
  return pattern.slice(at).every((rest) => rest === any)
}
