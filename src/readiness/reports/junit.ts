import type { Result } from '../run.ts'
import type { Verdict } from '../verdict.ts'
import type { Run } from './told-run.ts'

/** For what shows tests: a suite a group, a case a check. */
export function junit({ target, version, at, results }: Run, verdict: Verdict): string {
  const { percent, total, failed, skipped } = verdict
  const counts = attributes({ tests: total, failures: failed, skipped })
  const known = [...new Set(results.map(({ check }) => check.group))]
  const suites = known.map((group) => {
    const own = results.filter(({ check }) => check.group === group)
    const count = (status: Result['status']) => own.filter((one) => one.status === status).length
    const told = attributes({
      ...{ name: group, tests: own.length, failures: count('fail'), errors: 0 },
      ...{ skipped: count('skip'), time: seconds(own), timestamp: at.toISOString().slice(0, 19) },
    })
    return `  <testsuite${told}>\n${own.map(testCase).join('')}  </testsuite>\n`
  })
  const name = `Caly ${version}, ${target}: ${percent} % ready`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${attributes({ name })}${counts}>\n${suites.join('')}</testsuites>\n`
}

function testCase(result: Result): string {
  const { check, status, sent, received } = result
  const told = attributes({
    ...{ classname: `readiness.${check.group}`, name: `${check.id}: ${check.title}` },
    time: seconds([result]),
  })
  if (status === 'pass') return `    <testcase${told}/>\n`
  if (status === 'skip')
    return `    <testcase${told}><skipped${attributes({ message: received })}/></testcase>\n`
  const text = `sent: ${sent}\nreceived: ${received}\nwhy: ${check.why}\nfix: ${check.fix}`
  return `    <testcase${told}><failure${attributes({ message: received })}>${escaped(text)}</failure></testcase>\n`
}

const seconds = (results: readonly Result[]): string =>
  (results.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000).toFixed(3)

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('')

/** Characters that XML 1.0 has no way to write at all are left out. */
const escaped = (text: string): string =>
  text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
