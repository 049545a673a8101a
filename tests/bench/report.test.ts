import { expect, test } from 'bun:test'
import { help, readOptions, UsageError } from './whole/options.ts'
import { partNames } from './whole/parts.ts'
import { headOf, markdown } from './whole/report.ts'

test('without an option everything is measured, on Bun', () => {
  expect(readOptions([])).toMatchObject({ parts: partNames, runtimes: ['bun'], long: false })
})

test('options narrow it down, and the help names every part and option', () => {
  const args = ['--only', 'get,hooks', '--runtime', 'both', '--sampled', '100', '--rounds', '3']
  expect(readOptions(args)).toMatchObject({
    parts: ['get', 'hooks'],
    runtimes: ['bun', 'deno'],
    samplings: [100],
    rounds: 3,
  })
  for (const part of partNames) expect(help).toContain(part)
  for (const option of Object.keys(readOptions([])))
    if (!['parts', 'runtimes', 'samplings'].includes(option)) expect(help).toContain(`--${option}`)
})

for (const args of [
  ['--only', 'get,nothing'],
  ['--rounds', '0'],
  ['--seconds', '1.5'],
  ['--sampled', '101'],
  ['--runtime', 'node'],
  ['--unknown'],
])
  test(`${args.join(' ')} is refused, by its name`, () => {
    expect(() => readOptions(args)).toThrow(UsageError)
    expect(() => readOptions(args)).toThrow(args[0])
  })

test('a table has the columns that its rows have figures of, and says how they were measured', () => {
  const text = markdown({
    schema: 1,
    head: headOf(['--only', 'get']),
    sections: [
      {
        part: 'get',
        title: 'GET',
        runtime: 'bun',
        how: 'Somehow.',
        rows: [
          { name: 'bare', rate: 12345.6, toBare: 1, failures: 0 },
          { name: 'Caly', rate: Number.NaN, toBare: 0.456 },
        ],
      },
    ],
    leftOut: ['PostgreSQL.'],
  })
  expect(text).toStartWith('`bun run bench --only get`, 20')
  expect(text).toContain(
    [
      '| GET (bun) | requests/s | rate to bare | failures |',
      '| --- | ---: | ---: | ---: |',
      '| bare | 12,346 | 1.00 | 0 |',
      '| Caly | ? | 0.46 |  |',
      '',
      'Somehow.',
      '',
      'Left out: PostgreSQL.',
    ].join('\n'),
  )
})
