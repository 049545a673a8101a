/** Each check is shown to notice what it is for: something is got wrong, and that check turns red. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type Check, type Context, checks, runChecks } from '../../src/readiness/index.ts'
import { isPostgres } from '../support/database.ts'
import { commandTests } from './command-tests.ts'
import { type House, openHouse } from './house.ts'
import { mutants } from './mutants/index.ts'

setDefaultTimeout(60_000)

let house: House
beforeAll(async () => {
  house = await openHouse()
}, 90_000)
afterAll(() => house.close())

const run = (chosen: readonly Check[], context: Context) =>
  runChecks(chosen, context, { intrusive: true })

test('a service as it should be passes every check', async () => {
  const results = await run(checks, house.context)
  // What only a server can have, the embedded database is not asked for.
  const others = results.filter(
    ({ check: { needs }, status }) =>
      status !== 'pass' && (isPostgres || status === 'fail' || !needs.includes('server')),
  )
  expect(others.map(({ check, ...told }) => ({ id: check.id, ...told }))).toEqual([])
})

commandTests(() => house)

test('every check has an id of its own, and something that turns it red', () => {
  const ids = checks.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const noticed = new Set(mutants.flatMap(({ reds }) => reds))
  expect(ids.filter((id) => !noticed.has(id))).toEqual([])
  expect([...noticed].filter((id) => !ids.includes(id))).toEqual([])
})

// What the embedded database can show is shown on that alone.
const shown = mutants.filter(({ onServer = false }) => onServer === isPostgres)
for (const { what, reds, changes, stage } of shown)
  test(`${what} turns ${reds.join(', ')} red, and no other of ${groupsOf(reds).join(', ')}`, async () => {
    const { context, undo } = await stage(house)
    try {
      const mutant = { ...house.context, ...context } as Context
      const chosen = checks.filter(
        ({ id, group, intrusive, needs }) =>
          reds.includes(id) ||
          (!intrusive &&
            groupsOf(reds).includes(group) &&
            (changes === undefined || needs.some((need) => changes.includes(need)))),
      )
      const results = await run(chosen, mutant)
      const red = results.filter(({ status }) => status === 'fail')
      expect(red.map(({ check }) => check.id).toSorted()).toEqual([...reds].toSorted())
      for (const { received } of red) expect(received).not.toBe('')
    } finally {
      await undo?.()
    }
  })

function groupsOf(ids: readonly Check['id'][]): string[] {
  return [...new Set(ids.map((id) => id.slice(0, id.indexOf('.'))))]
}
