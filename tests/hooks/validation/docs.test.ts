import { expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { type } from 'arktype'
import type { FieldError } from '../../../src/errors.ts'
import * as validation from '../../../src/hooks/validation/index.ts'
import { readQuery } from '../../../src/hooks/validation/query.ts'
import { faultsOf } from './support.ts'

const { RefusedPart, readJson, maxDepth, maxEntries } = validation
const page = await readFile(new URL('../../../docs/validation.md', import.meta.url), 'utf8')

/** The rows of a table, by its section. */
const rowsOf = (heading: string): string[][] =>
  (page.split(`\n## ${heading}\n`)[1] ?? '')
    .split('\n## ')[0]
    ?.split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    ) ?? []

const strict = type({ '+': 'reject', 'b?': 'string >= 1', 'c?': 'string <= 1024' })
const refused = (part: unknown): readonly Pick<FieldError, 'code' | 'message'>[] =>
  part instanceof RefusedPart ? part.faults : []
const body = (text: string) => refused(readJson(new TextEncoder().encode(text)))

/** Something that breaks each rule. */
const broken: readonly (readonly Pick<FieldError, 'code' | 'message'>[])[] = [
  faultsOf(type({ a: 'boolean' }), {}),
  faultsOf(strict, { x: 1 }),
  faultsOf(strict, { c: 1 }),
  faultsOf(validation.oneOf('inbound', 'outbound'), 'x'),
  faultsOf(strict, { b: '' }),
  faultsOf(strict, { c: 'x'.repeat(2000) }),
  faultsOf(validation.email, 'x'),
  faultsOf(validation.phoneNumber, 'x'),
  faultsOf(validation.uuid, 'x'),
  faultsOf(validation.dateTime, 'x'),
  faultsOf(validation.httpUrl, 'x'),
  faultsOf(validation.newPassword, 'x'),
  faultsOf(validation.newPassword, 'password1234'),
  faultsOf(validation.integer(1, 100), 0),
  faultsOf(validation.pageCursor, ' '),
  faultsOf(validation.safeText({ min: 1, max: 100 }), ''),
  faultsOf(validation.safeText({ max: 100 }), '\u0316'.repeat(31)),
  faultsOf(validation.jsonObject(), 'x'),
  queryFaults({ limit: ['1', '2'] }),
  refused(readQuery('a=%ZZ')),
  body('{"__proto__": 1}'),
  body('["\\u0000"]'),
  body('["\\ud800"]'),
  body('[1e400]'),
  body('['.repeat(maxDepth + 1)),
  body(`[${'1,'.repeat(maxEntries)}1]`),
]

function queryFaults(value: unknown): readonly FieldError[] {
  try {
    validation.accepts('query', validation.listQuery)['~standard'].validate(value)
  } catch (error) {
    if (error instanceof validation.InvalidPart) return error.errors
    throw error
  }
  return []
}

test('docs/validation.md lists each code with the message that a client gets', () => {
  const told = rowsOf('Codes').map(([code = '', message = '']) => [
    code.replaceAll('`', ''),
    message.replaceAll('\\', ''),
  ])
  expect(told).toEqual(broken.map(([fault]) => [fault?.code ?? '', fault?.message ?? '']))
})

test('docs/validation.md lists each validator by the name that it is exported under', () => {
  const names = rowsOf('The validators').flatMap(([cell = '']) =>
    [...cell.matchAll(/\b[a-z]\w+/gi)].map(([name]) => name),
  )
  const bounds = ['region', 'min', 'max', 'lines', 'depth', 'entries', 'size']
  const validators = names.filter((name) => !bounds.includes(name))
  expect(validators.length).toBeGreaterThanOrEqual(11)
  expect(validators.filter((name) => !(name in validation))).toEqual([])
})

test('docs/validation.md gives the limits that the code has', () => {
  const { maxFaults, maxParameters, newPasswordLength, maxPasswordBytes } = validation
  for (const sentence of [
    `At most ${maxFaults} faults are listed`,
    `deeper than ${maxDepth} levels, or with more than ${maxEntries} fields and items`,
    `at most ${maxParameters} parameters`,
    `${newPasswordLength.min} to ${newPasswordLength.max} code points`,
    `1 to ${maxPasswordBytes} bytes`,
  ])
    expect(page).toContain(sentence)
})
