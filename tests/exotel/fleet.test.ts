import { expect, setDefaultTimeout, test } from 'bun:test'
import { exotelFleet } from '../support/exotel-fleet/index.ts'

// The last of what was never placed is given up after 36 s; `bun run soak exotel` sends 5,000 calls.
setDefaultTimeout(400_000)

test('of 300 calls, a fifth of whose messages go wrong while Caly is killed three times, each ends as it was played', async () => {
  const { broken, accepted, played, repaired } = await exotelFleet({ calls: 300, kills: 3 })
  expect(broken).toEqual([])
  expect(accepted).toBe(300)
  // Enough has gone wrong to prove something.
  expect(played).toBeLessThan(300)
  expect(repaired).toBeGreaterThan(5)
})
