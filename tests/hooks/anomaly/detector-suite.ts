import { expect, test } from 'bun:test'

/** Texts of one form, under what they are. */
export type Texts = readonly [what: string, ...texts: string[]]

/** What every detector is shown. */
export interface DetectorSamples {
  readonly attacks: readonly Texts[]
  readonly honest: readonly Texts[]
  /** Pieces whose repetition makes a careless detector slow. */
  readonly repeated: readonly string[]
}

/** The tests that all detectors have: what they find, what they let pass, that they come to an end. */
export function detectorSuite(
  score: (text: string) => number,
  { attacks, honest, repeated }: DetectorSamples,
): void {
  for (const [what, ...texts] of attacks)
    test(`${what} is found`, () => {
      expect(texts.filter((text) => score(text) < 0.5)).toEqual([])
    })

  for (const [what, ...texts] of honest)
    test(`${what} passes`, () => {
      expect(texts.filter((text) => score(text) >= 0.5)).toEqual([])
    })

  for (const piece of repeated)
    test(`100 KB of ${JSON.stringify(piece)} are judged`, () => {
      expect(score(piece.repeat(102_400 / piece.length))).toBeWithin(0, 1.01)
    })
}
