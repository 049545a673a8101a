/**
 * Writes docs/readiness.md: what `caly readiness` looks at. `bun run docs:readiness`. All of it comes
 * from the checks, src/readiness; a test holds the page against them.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { apiRisks, type Check, checks, groups, resourceNames } from '../src/readiness/index.ts'
import { table } from './table.ts'

const file = new URL('readiness.md', import.meta.url)

/** The page that is kept in the repository. */
export const keptReadinessPage = (): Promise<string> => readFile(file, 'utf8')

/** The page for the checks as they are. */
export function readinessPage(): string {
  const rows = groups.map((group) => {
    const own = checks.filter((check) => check.group === group)
    const intrusive = own.filter((check) => check.intrusive).length
    return [group, String(own.length), intrusive === 0 ? '' : String(intrusive)]
  })
  const count = checks.filter(({ intrusive }) => intrusive).length
  return `${[
    '# Is it ready?',
    '<!-- Written by `bun run docs:readiness` from src/readiness. -->',
    `\`caly readiness\` looks at a running service, its configuration and its database, and prints how far it is ready for production: ${checks.length} checks, each with what was sent, what came back, why it matters and how to mend it. Nobody has to believe the figure: run it again.`,
    [
      '```sh',
      'bun run caly readiness                      # the service of this environment, at PUBLIC_URL',
      'bun run caly readiness --intrusive          # also what writes rows or takes of a limit',
      'bun run caly readiness --url https://calls.example.com   # from outside, without its configuration',
      'bun run caly readiness --only headers --only transport.paths',
      'bun run caly readiness --json               # {percent, checks: [{id, group, status, …}]}; --junit: JUnit XML',
      '```',
    ].join('\n'),
    [
      '- **The percentage** is what passed of all checks, rounded down: 100 means all. A check that is skipped has not passed, and says what it would need.',
      '- **Exit code** 0; 1 where a check failed, or nobody answers; 2 for wrong usage or configuration.',
      '- **Production is left alone**: without `--intrusive` nothing is written but the run itself, no call is placed, no limit is reached and no account touched. There are fewer than 200 requests, of four checks at a time, and twice 16 at once to see how they are counted (again, where the way there is slow). Refusals leave in the audit trail what refusals of anybody leave there, a few of them as attacks that were refused; with keys, reading leaves what reading leaves.',
      `- **\`--intrusive\`** runs ${count} more. It makes two clients with a user, a few keys that end by themselves within 15 minutes, and a call that is never placed; tries with the one what is the other's; and removes both. All of that is in the audit trail. Those of a run that was killed are removed by the next one, an hour later.`,
      '- **Keys** are never printed. `METRICS_TOKEN` is read from the environment, and so are `CALY_READINESS_KEY` and `CALY_READINESS_OTHER_KEY`: keys of two clients, for those who would not have clients made. They are sent over TLS only to whom the certificate names; `--ca FILE` trusts an authority of your own.',
      '- **A run of all checks is kept** in `readiness_runs`, the newest 1000; metrics, the Security dashboard and the alarm CalyReadinessFailed show the last one.',
    ].join('\n'),
    'Each check is shown to notice what it is for: `tests/readiness` gets something wrong for each of them, by a proxy in front of the service, in its configuration or in its database, and sees that check turn red and no other of its group.',
    table(['group', 'checks', 'only with `--intrusive`'], rows),
    ...groups.flatMap((group) => {
      const own = checks.filter((check) => check.group === group)
      return own.length === 0 ? [] : [`## ${titleOf(group)}`, own.map(item).join('\n')]
    }),
    '## The lists that they refer to',
    `OWASP API Security Top 10 of 2023: ${Object.entries(apiRisks)
      .map(([number, name]) => `API${number} ${name}`)
      .join(
        ', ',
      )}. V and three numbers: a requirement of the OWASP Application Security Verification Standard 5.0.0. A check is about a part of what it refers to, and no proof of the whole.`,
  ].join('\n\n')}\n`
}

const titleOf = (group: string): string => `${group.charAt(0).toUpperCase()}${group.slice(1)}`

function item({ id, title, why, fix, api, asvs, needs, intrusive }: Check): string {
  const needed = [
    ...needs.map((need) => resourceNames[need]),
    ...(intrusive ? ['`--intrusive`'] : []),
  ]
  const told = [
    `**\`${id}\`**: ${title}.`,
    `_Why:_ ${why}.`,
    `_Fix:_ ${fix}.`,
    `(${[...api.map((risk) => `API${risk}`), ...asvs].join(', ')})`,
    ...(needed.length === 0 ? [] : [`Needs ${needed.join('; ')}.`]),
  ]
  return `- ${told.join(' ')}`
}

if (import.meta.main) await writeFile(file, readinessPage())
