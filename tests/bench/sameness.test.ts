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

const differences: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a security header that its 404 lacks': { DIFFERENCE: 'no X-Frame-Options on a 404' },
  'another status for a wrong body': { DIFFERENCE: 'a wrong body is answered 400' },
  'a 429 that does not say when to come again': { DIFFERENCE: 'a 429 without Retry-After' },
  'spans that do not come': { SAMPLE_RATIO: '0' },
}
for (const [what, env] of Object.entries(differences))
  test(`a contender is refused, by its name, for ${what}`, async () => {
    const comparing = compareWork(impostor(env), expected, patience)
    await expect(comparing).rejects.toThrow('Impostor does not do the same work')
  })
