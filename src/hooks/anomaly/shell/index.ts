import type { Detector } from '../view.ts'
import { breakout } from './breakout.ts'
import { disguise } from './disguise.ts'
import { shapes } from './shapes.ts'
import { substitution } from './substitution.ts'

/** Without one of these, the path of a shell, or an option, nothing is a command line's. */
const special = /[;|&\n\r`$<>{?*[\\^'"]/

/** What else a command line may be known by. */
const wordy = /bin\/| -[eXCOb]|^\s?\.s|%comspec%|^\s?if\s?\/i|%%|"?%\w/i

/** Options with which a harmless program runs another (CWE-88). */
const option =
  /^--?[\w-]{0,16}(?:ProxyCommand|checkpoint-action|upload-pack|receive-pack|use-compress-program|to-command|open-files-in-pager|use-askpass)=|^[\w-]{0,16}--(?:exec|upload-pack)=[`$]/i

/**
 * Finds values that break out of a command line and go on with a command (CWE-78), in sh, cmd.exe
 * and PowerShell: behind a separator or a quote, in a substitution, with names that are hidden from
 * filters, or in a form that only attacks have. A bare command is honest, with pipes and all: people
 * write them down.
 */
export const commandInjection: Detector = ({ text, layers }) => {
  if (text.includes('-') && option.test(text)) return 0.9
  if (!special.test(text) && !wordy.test(text)) return 0
  const score = Math.max(
    breakout(text, layers),
    substitution(text, layers),
    disguise(text),
    shapes(text),
  )
  return score === 0 && asForm.test(text) ? ofForm(text.replaceAll('+', ' '), layers) : score
}

/** Blanks as forms write them, beside what parts commands. */
const asForm = /^[^\s+]{0,64}\+?[|;&]\+[a-z]|^\+[a-z]\S{0,96}\+[|;&]$/i

const ofForm = (text: string, layers: number): number =>
  Math.max(breakout(text, layers), breakout(`;${text.trimStart()}`, layers))
