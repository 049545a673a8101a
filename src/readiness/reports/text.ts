import { groups } from '../check.ts'
import type { Result } from '../run.ts'
import type { Verdict } from '../verdict.ts'
import type { Run } from './told-run.ts'

const marks = { pass: 'ok  ', fail: 'FAIL', skip: 'skip' } as const

/** For a terminal: what is well in a line, what is not with all that is needed to mend it. */
export function text({ target, version, results }: Run, verdict: Verdict): string {
  const { percent, passed, failed, skipped, total } = verdict
  const sections = groups.flatMap((group) => {
    const own = results.filter(({ check }) => check.group === group)
    if (own.length === 0) return []
    const well = own.filter(({ status }) => status === 'pass').length
    return ['', `${group}: ${well} of ${own.length}`, ...own.flatMap(lines)]
  })
  return [
    `Caly ${version}, ${target}`,
    ...sections,
    '',
    `${percent} % ready: ${passed} of ${total} checks passed, ${failed} failed, ${skipped} skipped`,
    '',
  ].join('\n')
}

function lines({ check, status, sent, received }: Result): string[] {
  const head = `  ${marks[status]}  ${check.id.padEnd(34)}  ${check.title}`
  if (status === 'pass') return [head]
  const indent = '          '
  if (status === 'skip') return [head, `${indent}${received}`]
  return [
    head,
    ...(sent === '' ? [] : [`${indent}sent      ${sent}`]),
    `${indent}received  ${received}`,
    `${indent}why       ${check.why}`,
    `${indent}fix       ${check.fix}`,
  ]
}
