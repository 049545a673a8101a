import type { ScanProgress } from '../scans/scan-options.ts'

/** Where progress is shown: `process.stderr`. */
export interface ProgressStream {
  readonly isTTY?: boolean
  /** How wide the terminal is: a line that is wider would not go away. */
  readonly columns?: number
  write(text: string): unknown
}

/** Shows how far a scan is. */
export interface ProgressLine {
  readonly show: (progress: ScanProgress) => void
  /** Takes the line away. */
  readonly end: () => void
}

const words: Readonly<Record<ScanProgress['step'], (progress: ScanProgress) => string>> = {
  project: () => 'Reading the lockfile',
  sources: ({ done, of }) => `Asking for advisories: ${done} of ${of} sources have answered`,
  remedies: ({ done, of }) => `Looking for remedies: ${done} of ${of}`,
}

/** The whole line is taken away (ECMA-48), and written again. */
const clear = '\r\u001b[K'

/** One line that changes, with the seconds since the start; nothing at all where no terminal is. */
export function progressLine(stream: ProgressStream): ProgressLine {
  if (stream.isTTY !== true) return { show: () => undefined, end: () => undefined }
  const began = performance.now()
  let text = ''
  const draw = () => {
    const seconds = Math.round((performance.now() - began) / 1000)
    stream.write(`${clear}${`${text} (${seconds} s)`.slice(0, (stream.columns || 100) - 1)}`)
  }
  const timer = setInterval(draw, 1000)
  return {
    show(progress) {
      const next = words[progress.step](progress)
      if (next === text) return
      text = next
      draw()
    },
    end() {
      clearInterval(timer)
      stream.write(clear)
    },
  }
}
