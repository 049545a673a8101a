import { OverloadedError } from './errors.ts'

/** Options of {@linkcode places}. */
export interface PlacesOptions {
  /** What takes a place, for whoever gets none: "exports". */
  readonly of: string
  /** Places of all clients together. */
  readonly most: number
  /** Places of one client: readers that stall keep no other client out. */
  readonly mostOfClient: number
}

/** Places for what holds something as long as somebody reads. */
export interface Places {
  /**
   * Takes a place for a client.
   *
   * @returns gives it back; called again it does nothing
   * @throws {OverloadedError} where the client, or all clients together, have as many as they may
   */
  take(clientId: string): () => void
}

/** The places of one process. */
export function places({ of, most, mostOfClient }: PlacesOptions): Places {
  const taken = new Map<string, number>()
  let all = 0
  return {
    take(clientId) {
      const own = taken.get(clientId) ?? 0
      if (own >= mostOfClient)
        throw new OverloadedError(
          `${mostOfClient} ${of} of this client are under way: try again when one is done`,
        )
      if (all >= most)
        throw new OverloadedError(`All places for ${of} are taken: try again when one is free`)
      all += 1
      taken.set(clientId, own + 1)
      let isTaken = true
      return () => {
        if (!isTaken) return
        isTaken = false
        all -= 1
        const left = (taken.get(clientId) ?? 1) - 1
        if (left > 0) taken.set(clientId, left)
        else taken.delete(clientId)
      }
    },
  }
}
