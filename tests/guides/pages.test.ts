/** What can be said of the guides without running anything: links lead somewhere, commands exist. */
import { expect, setDefaultTimeout, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { commands } from '../../src/cli/commands.ts'
import { variables } from '../../src/config.ts'
import { notRun, runByCi, runElsewhere } from '../support/guide-commands.ts'
import { bare, blocksOf, pages, root, shellCommandsOf, textOf } from '../support/guides.ts'

// Every command's own module is loaded.
setDefaultTimeout(30_000)

const allCommands = pages.flatMap(shellCommandsOf)

/** Text without blocks of code, in which nothing is a link. */
const prose = (page: string): string => textOf(page).replace(/^ *```[\s\S]*?^ *```$/gm, '')

/** What a heading is linked by. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[^\p{L}\p{N}\- _]/gu, '')
    .replaceAll(' ', '-')

const anchorsOf = (page: string): Set<string> =>
  new Set(Array.from(prose(page).matchAll(/^#+ (.+)$/gm), ([, heading = '']) => slug(heading)))

test('every link within the repository leads to a file, and to a heading of it', () => {
  const broken: string[] = []
  for (const page of pages)
    for (const [, target = ''] of prose(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      const isThere =
        existsSync(join(root, file)) &&
        (anchor === undefined || !file.endsWith('.md') || anchorsOf(file).has(anchor))
      if (!isThere) broken.push(`${page}: ${target}`)
    }
  expect(broken).toEqual([])
})

test('the index leads to every guide', () => {
  const linked = new Set(
    Array.from(prose('docs/README.md').matchAll(/\]\(([\w./-]+)/g), ([, path = '']) =>
      join('docs', path),
    ),
  )
  expect(pages.filter((page) => page !== 'docs/README.md' && !linked.has(page))).toEqual([])
})

test('every block for a shell is one that a shell can read', () => {
  for (const page of pages) {
    const text = blocksOf(page)
      .filter(({ language }) => language === 'sh')
      .map((block) => block.text)
      .join('\n')
    const { stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' })
    expect([page, stderr]).toEqual([page, ''])
  }
})

test('every block of JSON is JSON', () => {
  for (const block of pages.flatMap(blocksOf).filter(({ language }) => language === 'json'))
    expect(() => JSON.parse(block.text)).not.toThrow()
})

/** Every `caly …` and `bun run …` that the pages name: in blocks, and in the text between. */
const mentions = pages.flatMap((page) => [
  ...shellCommandsOf(page).map((command) => ({
    page,
    text: bare(command).replaceAll('\\\n', ' '),
  })),
  ...Array.from(prose(page).matchAll(/`((?:bun run|caly) [^`]+)`/g), ([, text = '']) => ({
    page,
    text: text.replaceAll('\n', ' '),
  })),
])

test('every script that is named is one of package.json', () => {
  for (const { page, text } of mentions)
    for (const [, name = ''] of text.matchAll(/\bbun run ([\w:.-]+)/g))
      expect([page, text, Object.keys(manifest.scripts)]).toEqual([
        page,
        text,
        expect.arrayContaining([name]),
      ])
})

/** What is hashed in front of a commitment, and no command. */
const label = 'caly audit personal 1'

test('every command of caly that is named exists, with the options that it is given', async () => {
  const named = mentions
    .filter(({ text }) => text !== label)
    .flatMap(({ page, text }) =>
      Array.from(
        text.matchAll(/(?:(?:^|bun run )caly|src\/cli\.ts) ([a-z][^|;&>']*)/g),
        ([, words = '']) => ({ page, words }),
      ),
    )
  expect(named.length).toBeGreaterThan(40)
  for (const { page, words } of named) {
    const command = commands.find(({ name }) => `${words} `.startsWith(`${name} `))
    expect([page, words, command?.name]).toEqual([page, words, expect.any(String)])
    const options = Object.keys((await command?.load())?.options ?? {})
    for (const [, option = ''] of words.matchAll(/ --([\w-]+)/g))
      expect([page, words, [...options, 'help']]).toEqual([
        page,
        words,
        expect.arrayContaining([option]),
      ])
  }
})

test('every file of the repository that a command names is there', () => {
  for (const { page, text } of allCommands)
    for (const [path] of text.matchAll(/(?<=^|[\s=])(?:\.\/)?(?:src|tests|grafana)\/[\w./-]+/gm))
      expect([page, path, existsSync(join(root, path))]).toEqual([page, path, true])
})

/** Set in examples, and read by others than Caly. */
const others = /^(?:OTEL_|TEST_|CALY_TEST_)|^(?:KEY|BASE|SIM|CLIENT_ID)$/

test('every variable that a command sets is one that is read', () => {
  for (const command of allCommands)
    for (const [, name = ''] of bare(command).matchAll(/(?<=^|export |\s)([A-Z][A-Z_]+)=(?!=)/g))
      if (!others.test(name))
        expect([command.page, name in variables ? name : `unknown ${name}`]).toEqual([
          command.page,
          name,
        ])
})

test('the defaults that docs/security.md explains are the defaults', () => {
  const [, chapter = ''] = textOf('docs/security.md').split('## Defaults\n')
  const [section = ''] = chapter.split('\n## ')
  const rows = [...section.matchAll(/^\| `([A-Z_]+)` +\| ([^|]*?) +\|/gm)]
  expect(rows.length).toBeGreaterThan(15)
  for (const [, name = '', told] of rows) {
    const [fallback] = variables[name as keyof typeof variables]
    expect([name, told]).toEqual([name, fallback === '' ? 'none' : fallback])
  }
})

test('a guide that names the package names this version of it', () => {
  expect(textOf('docs/plugins.md')).toContain(`caly-${manifest.version}.tgz`)
})

test('every test that a guide refers to is there', () => {
  for (const page of pages)
    for (const [, path = ''] of prose(page).matchAll(/`(tests\/[\w./-]+)`/g))
      expect([page, path, existsSync(join(root, path))]).toEqual([page, path, true])
})

test('commands that are not run here are those of a page, and whoever runs them is there', () => {
  const known = new Set(allCommands.map(bare))
  for (const command of [...Object.keys(notRun), ...Object.keys(runByCi)])
    expect([command, known.has(command) || mentions.some(({ text }) => text === command)]).toEqual([
      command,
      true,
    ])
  const ci = readFileSync(join(root, '.ci/run'), 'utf8')
  for (const words of Object.values(runByCi))
    expect([words, ci.includes(words) || existsSync(join(root, words))]).toEqual([words, true])
  for (const [page, entries] of Object.entries(runElsewhere))
    for (const [chapter, file] of entries) {
      const isThere = shellCommandsOf(page).some((command) => command.chapter === chapter)
      expect([page, chapter, isThere, existsSync(join(root, file))]).toEqual([
        page,
        chapter,
        true,
        true,
      ])
    }
})
