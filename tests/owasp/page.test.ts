/** The page that says which test proves what is no better than the files that it names. */
import { expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

test('docs/owasp.md has a row for each of the ten risks with its attempts, and names no test that is not there', () => {
  const page = readFileSync(join(root, 'docs/owasp.md'), 'utf8')
  const named = [...page.matchAll(/`(tests\/[^`]+)`/g)].map(([, path = '']) => path.split(' ')[0])
  expect(named.filter((path) => !existsSync(join(root, path ?? '')))).toEqual([])
  const attempts = readdirSync(import.meta.dirname).filter((name) => /^api\d+-/.test(name))
  expect(attempts).toHaveLength(10)
  for (const name of attempts) {
    const [, risk] = /^api(\d+)-/.exec(name) ?? []
    const row = page.split('\n').find((line) => line.startsWith(`| **API${risk}** `))
    expect([name, row?.includes(`tests/owasp/${name}`)]).toEqual([name, true])
  }
})
