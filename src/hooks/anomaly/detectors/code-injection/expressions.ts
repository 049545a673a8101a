import { hasAny, type Sign } from '../../places.ts'

/** Perl: an expression within a string. */
const perl: readonly Sign[] = [
  [
    '@{',
    /@\{\s{0,4}\[\s{0,4}(?:[^\]\d\s,$][^\]]{0,120}|\d[^\]]{0,40}[*+(][^\]]{0,120})\]\s{0,4}\}/y,
  ],
  ['${', /\$\{\s{0,4}\\\s{0,4}\(/y],
  ['::', /(?<=\bcore)::(?:system|exec|time|open|print|die|eval)\b(?!['"])/y],
]

/** Python: from any value to the modules of the process. */
const python: readonly Sign[] = [
  [
    '__class__',
    /(?<=(?:^|[^\w)\]])(?:['"]{2}|\(\)|\[\]|\{\})\s{0,2}\.\s{0,2})__class__|__class__\s{0,4}\.\s{0,4}__(?:mro|bases?)__\s{0,4}[[.]/y,
  ],
  [
    '__subclasses__',
    /(?<=__base__\s{0,2}\.|__bases__\[\d\]\.|mro\(\)\[-?\d{1,2}\]\.|__mro__\[-?\d{1,2}\]\.)__subclasses__|__subclasses__\(\)\[\d{2}/y,
  ],
  ['__globals__', /__globals__\s{0,4}[[.]/y],
  [
    '__builtins__',
    /(?<=getattr\s{0,4}\(\s{0,4})__builtins__|__builtins__['"]?\]?\s{0,4}(?:\[|\.\s{0,4}(?:__dict__\s{0,4}\[|__import__|eval|exec))/y,
  ],
]

/** How surely a text is an expression of Perl or Python that an attacker wants run. */
export const scoreOfExpression = (lower: string): number =>
  hasAny(lower, perl) || (lower.includes('__') && hasAny(lower, python)) ? 0.85 : 0
