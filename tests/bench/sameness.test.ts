import { beforeAll, expect, test } from 'bun:test'
import { caly } from './peers/contenders.ts'
import { compareWork, type Work, workOf } from './peers/sameness.ts'

let expected: Work
beforeAll(async () => {
  expected = await workOf(caly)
})

/** Milliseconds for spans that are not to come. */
const patience = 1500

const impostor = (env: Readonly<Record<string, string>>) => ({
  name: 'Impostor',
  script: 'tests/bench/peers/impostor.ts',
  runtime: 'bun' as const,
  env,
})

test('a contender that does the same work is found to', async () => {
  await compareWork(impostor({ DIFFERENCE: 'none' }), expected)
})

const differences: readonly Readonly<Record<string, string>>[] = [
  { DIFFERENCE: 'no X-Frame-Options on a 404' },
  { DIFFERENCE: 'a wrong body is answered 400' },
  { DIFFERENCE: 'a 429 without Retry-After' },
  { SAMPLE_RATIO: '0' },
]
for (const env of differences)
  test(`a contender is refused, by its name, for ${Object.values(env)} (${Object.keys(env)})`, async () => {
    const comparing = compareWork(impostor(env), expected, patience)
    await expect(comparing).rejects.toThrow('Impostor does not do the same work')
  })
