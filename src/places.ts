import { OverloadedError } from '../errors.ts'

/** Exports at a time of one process: each holds a page in memory, and is read as fast as it is taken. */
const mostOfAll = 16

/** Exports at a time of one client: readers that stall keep no other client from its trail. */
const mostOfClient = 2

/** Who is taking the trail out at present. */
export interface ExportPlaces {
  /**
   * Takes a place for an export of a client.
   *
   * @returns gives it back, and is to be called once
   * @throws {OverloadedError} where the client, or all clients together, have as many as they may
   */
  take(clientId: string): () => void
}

/** The places of one process. */
export function exportPlaces(): ExportPlaces {
  const taken = new Map<string, number>()
  let all = 0
  return {
    take(clientId) {
      const own = taken.get(clientId) ?? 0
      if (own >= mostOfClient)
        throw new OverloadedError(
          `${mostOfClient} exports of this client are under way: try again when one is done`,
        )
      if (all >= mostOfAll)
        throw new OverloadedError('Others are taking the trail out: try again when they are done')
      all += 1
      taken.set(clientId, own + 1)
      return () => {
        all -= 1
        const left = (taken.get(clientId) ?? 1) - 1
        if (left > 0) taken.set(clientId, left)
        else taken.delete(clientId)
      }
    },
  }
}
