/** Rounds of decoding that are followed; what is wrapped deeper is suspicious in itself. */
const maxRounds = 5

/** A value with its percent-encoding taken off until nothing changes. */
export interface Decoded {
  readonly text: string
  /** How often it was wrapped. Ordinary clients encode once. */
  readonly rounds: number
}

/** Decodes to a fixed point, so that `%252e` and `%2e` and `.` are one and the same. Linear. */
export function decodeFully(value: string): Decoded {
  let text = value
  let rounds = 0
  while (rounds < maxRounds && text.includes('%')) {
    const next = text.replace(/(?:%[0-9a-f]{2})+/gi, decodeRun)
    if (next === text) break
    text = next
    rounds++
  }
  return { text, rounds }
}

/** Invalid UTF-8 stays byte by byte: overlong forms of `/` and `.` are an old way round. */
function decodeRun(run: string): string {
  try {
    return decodeURIComponent(run)
  } catch {
    return run.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
  }
}
