import type { View } from '../view.ts'
import { type Expression, expressionsOf } from './template-injection/expressions.ts'
import { showsBareCode } from './template-injection/probes.ts'
import { reachesOut, showsEngine } from './template-injection/reach.ts'
import { computes, computesInStatement, worksOnText } from './template-injection/sums.ts'

/**
 * Tells server-side and client-side template injection (CWE-1336): template markup that computes
 * with numbers to show that it is run, or reaches for classes, modules, commands or files. Markup
 * that shows a value is what templates are written with, and honest.
 */
export function templateInjection({ lower }: View): number {
  if (!/[{<[$@#]/.test(lower)) return 0
  if (showsBareCode(lower)) return 0.8
  // A `${` between backticks is a script's own, and honest code.
  const literals = { from: lower.indexOf('`'), to: lower.lastIndexOf('`') }
  let score = 0
  for (const expression of expressionsOf(lower)) {
    const { opening, start } = expression
    const isScript =
      opening === '${' && start > literals.from && literals.from >= 0 && start < literals.to
    score = Math.max(score, scoreOfExpression(expression, lower.length, isScript))
    if (score >= 0.8) return score
  }
  return score
}

function scoreOfExpression(expression: Expression, size: number, isScript: boolean): number {
  const { opening, content, isClosed } = expression
  if (isClosed && !isScript && (computes(content) || computesInStatement(opening, content)))
    return 0.9
  // A text that was cut off may lack the end.
  if (reachesOut(opening, content, isScript)) return isClosed ? 0.9 : 0.7
  if (isClosed && !isScript && worksOnText(opening, content)) return 0.7
  const isAlone = size <= content.length + 8
  return isAlone && showsEngine(content) ? 0.7 : 0
}
