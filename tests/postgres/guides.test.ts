/**
 * Every command of every guide, as it stands, in a shell beside a service: one shell a page. What is the
 * reader's own (`$KEY`, `…`) is filled in. Those that cannot be run here are in
 * tests/support/guide-commands.ts, each with its reason.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { notRun, runByCi, runElsewhere } from '../support/guide-commands.ts'
import { type GuideHouse, openGuideHouse } from '../support/guide-house.ts'
import { bare, blocksOf, type Command, pages, shellCommandsOf, textOf } from '../support/guides.ts'

setDefaultTimeout(120_000)

let house: GuideHouse

beforeAll(async () => {
  house = await openGuideHouse()
})
afterAll(() => house?.close())

const isRunHere = (command: Command): boolean =>
  !(bare(command) in notRun) &&
  !(bare(command) in runByCi) &&
  !(runElsewhere[command.page] ?? []).some(([chapter]) => chapter === command.chapter)

const seen = new Set<string>()

/** What two guides say in the same words is run once, but for what later commands of a page build on. */
function isNew(command: Command): boolean {
  const text = bare(command)
  const isGround = /^(?:export |[A-Z_]+=)|exotel-simulator/.test(text)
  const known = seen.has(text)
  seen.add(text)
  return isGround || !known
}

for (const page of pages) {
  const commands = shellCommandsOf(page).filter(isRunHere).filter(isNew)
  if (commands.length > 0)
    test(`the commands of ${page} do what they are for`, async () => {
      const ended = await house.run(commands.map(({ text }) => text))
      expect(
        ended.map(({ text, code, said }) => (code === 0 ? [text] : [text, code, said])),
      ).toEqual(commands.map(({ text }) => [text]))
    })
}

for (const block of pages.flatMap(blocksOf).filter(({ language }) => language === 'sql'))
  test(`the SQL of ${block.page}, ${block.chapter}, runs`, async () => {
    expect(await house.sql(block.text)).toBe('')
  })

test('the headers of docs/security.md are those of an answer', async () => {
  const [, chapter = ''] = textOf('docs/security.md').split('## Headers\n')
  const [section = ''] = chapter.split('\n## ')
  const rows = [...section.matchAll(/^\| `([\w-]+)` +\| `([^`]+)`/gm)]
  expect(rows.length).toBeGreaterThan(8)
  const { headers } = await fetch(new URL('/api', house.baseUrl))
  for (const [, name = '', value = ''] of rows)
    if (name !== 'Strict-Transport-Security')
      expect([name, headers.get(name)]).toEqual([name, value])
  const names = new Set(rows.map(([, name = '']) => name.toLowerCase()))
  const others =
    /^(?:content-(?:type|length)|date|connection|keep-alive|x-request-id|.*ratelimit.*)$/
  expect([...headers.keys()].filter((name) => !names.has(name) && !others.test(name))).toEqual([])
})
