import { bestFit, compatible, inClass, inUnitClass, unseen } from './ranges.ts'

const others = new RegExp(`[${inClass(compatible)}]+`, 'gu')
const fitting = new RegExp(`[${Object.keys(bestFit).join('')}]`, 'g')
const hidden = new RegExp(`[${inClass(unseen)}]+`, 'gu')

/** Any of them: as one class that is quick on most texts. */
const any = new RegExp(
  `[${inUnitClass(compatible)}${inUnitClass(unseen)}${Object.keys(bestFit).join('')}]`,
)

/** Writes ASCII for every other form of it, and takes out the characters that hide words. */
export function plainForms(text: string): string {
  if (!any.test(text)) return text
  return text
    .replace(others, (run) => run.normalize('NFKC'))
    .replace(fitting, (found) => bestFit[found] ?? found)
    .replace(hidden, (run, at: number, whole: string) =>
      isAscii(whole.charCodeAt(at - 1)) || isAscii(whole.charCodeAt(at + run.length)) ? '' : run,
    )
}

/** Between letters of other scripts a joiner is spelling: Hindi and Persian cannot do without. */
const isAscii = (code: number): boolean => code > 0x20 && code < 0x7f
