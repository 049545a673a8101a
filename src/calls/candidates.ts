/** Which of the provider's calls one of ours is. */
import type { Executor } from '#db/database.ts'
import type { CallContext } from './context.ts'
import type { CallDetails, ProviderCall } from './provider.ts'
import { callsUnnamed, holderOf } from './queries.ts'

/** Calls this close to each other in time may be found by the same search, in milliseconds: twice its margin. */
const reach = 4 * 60_000

/** What a search has come to: a call of the provider's, that there is none, or that it is not clear yet. */
export type Choice = CallDetails | 'none' | 'unclear'

/**
 * Chooses. Another call's own name rules a candidate out. Where several are left that nobody else
 * claims, or several calls of ours that one may belong to, their callbacks may still tell: only when
 * patience is over is one taken, the earliest for the call that was asked for first.
 *
 * @param isPatient whether there is still time
 */
export async function choose(
  tx: Executor,
  context: CallContext,
  call: ProviderCall,
  { candidates, isPatient }: { candidates: readonly CallDetails[]; isPatient: boolean },
): Promise<Choice> {
  const { providerCallId } = call
  if (providerCallId !== null)
    return candidates.find((one) => one.providerCallId === providerCallId) ?? 'none'
  // First: a rival that is named in the meantime takes its candidate away, too.
  const place = await placeAmongRivals(tx, context, call)
  const free = await unclaimed(tx, context, candidates)
  if (place.rivals === 0 && free.length < 2) return free[0] ?? 'none'
  if (isPatient) return free.length === 0 ? 'none' : 'unclear'
  if (place.rivals === 0) return free[0] ?? 'none'
  const chosen = free.sort((one, other) => madeAt(one) - madeAt(other))[place.index]
  // Those that were asked for earlier are to be told first: what is left is this one's.
  return chosen ?? (place.index === 0 ? 'none' : 'unclear')
}

const madeAt = ({ createdAt, at }: CallDetails): number => (createdAt ?? at).getTime()

/** Candidates that no call has, not even an erased one. */
async function unclaimed(
  tx: Executor,
  { provider, vault }: CallContext,
  candidates: readonly CallDetails[],
): Promise<CallDetails[]> {
  const free: CallDetails[] = []
  for (const candidate of candidates) {
    const { providerCallId: name } = candidate
    const names = [name, ...vault.tombstonesEverywhere(name)]
    if ((await holderOf(tx, provider.name, names)) === undefined) free.push(candidate)
  }
  return free
}

/** How many other calls between the same numbers wait for a name, and how many of them came earlier. */
async function placeAmongRivals(
  tx: Executor,
  { provider, vault }: CallContext,
  { id, from, to, dispatchedAt }: ProviderCall,
): Promise<{ readonly rivals: number; readonly index: number }> {
  const asked = dispatchedAt.getTime()
  const group = await callsUnnamed(tx, provider.name, {
    from: vault.numberEverywhere(from),
    to: vault.numberEverywhere(to),
    between: [new Date(asked - reach), new Date(asked + reach)],
  })
  const rivals = group.filter((one) => one.id !== id)
  const isEarlier = (one: (typeof group)[number]) => {
    const time = one.dispatchedAt?.getTime() ?? asked
    return time < asked || (time === asked && one.id < id)
  }
  return { rivals: rivals.length, index: rivals.filter(isEarlier).length }
}
