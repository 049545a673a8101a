/** The arithmetic of a bench, over rounds that took turns. */

/** The value in the middle; of an even number of values, halfway between the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN
  return (lower + upper) / 2
}

/**
 * How the values of one compare with another's: the middle of the rounds' own ratios. What slows the
 * machine in one round slows both of them in it; the ratio of two medians would mix rounds.
 */
export const medianRatio = (values: readonly number[], others: readonly number[]): number =>
  median(pairs(values, others).map(([one, other]) => one / other))

/** By how much the values of one are more than another's, in the middle of the rounds. */
export const medianDifference = (values: readonly number[], others: readonly number[]): number =>
  median(pairs(values, others).map(([one, other]) => one - other))

/**
 * The value that a share of all values is at most (nearest rank): never one that was not seen.
 *
 * @param sorted rising
 */
export const quantile = (sorted: ArrayLike<number>, share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN

/** @throws {RangeError} if one has a round more: then nothing says which belong together */
function pairs(
  values: readonly number[],
  others: readonly number[],
): readonly (readonly [number, number])[] {
  if (values.length !== others.length)
    throw new RangeError(`${values.length} rounds beside ${others.length}`)
  return values.map((value, round) => [value, others[round] ?? Number.NaN])
}
