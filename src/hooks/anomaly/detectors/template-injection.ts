import type { View } from '../view.ts'
import { type Expression, expressionsOf } from './template-injection/expressions.ts'
import { reachesOut, showsEngine } from './template-injection/reach.ts'

/**
 * Tells server-side and client-side template injection (CWE-1336): template markup that computes
 * with numbers to show that it is run, or reaches for classes, modules, commands or files. Markup
 * that shows a value is what templates are written with, and honest.
 */
export function templateInjection({ lower }: View): number {
  if (!/[{<[@]|#[si]|\$c/.test(lower)) return 0
  if (isProbe.test(lower) || isSmartyCode.test(lower)) return 0.8
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

/** Several engines' openings at once, a probe for any of them; Razor and Velocity need no bracket. */
const isProbe =
  /\$\{\{<%|\{\{\[%|<%\[%|\{\{<%|@system\.(?:diagnostics|io|reflection)\.|\$class\.inspect\s?\(/

/** Smarty has single braces; only a function of PHP, called right behind one, is told from text. */
const isSmartyCode =
  /\{(?:if\s{1,4})?(?:system|exec|shell_exec|passthru|popen|phpinfo|eval|assert|file_get_contents|readfile|include_php)\s{0,4}\(|\{\$smarty\.(?:version|template|current_dir)|\{smarty_internal_|\{self::/

function scoreOfExpression(expression: Expression, size: number, isScript: boolean): number {
  const { opening, content, isClosed } = expression
  if (isClosed && !isScript && computes(content)) return 0.9
  // A text that was cut off may lack the end; other openings without one are format strings.
  if ((isClosed || opening === '${') && reachesOut(content, isScript)) return isClosed ? 0.9 : 0.7
  if (opening === '{{' && isClosed && callsOnText.test(content)) return 0.7
  const isAlone = size <= content.length + 8
  return showsEngine(content) && isAlone ? 0.7 : 0
}

/** Nothing but numbers and operators, in quotes or not: `7*7`, `7*'7'`. A date has two dashes. */
const computes = (content: string): boolean =>
  /^[\s\d'"*+/%().={-]{3,64}$/.test(content) &&
  /\d['"]?\s{0,4}[*+%]\s{0,4}['"]?\d|^[={\s]{0,8}\d{1,12}\s{0,4}\/\s{0,4}\d{1,12}\s{0,8}$/.test(
    content,
  )

/** A method of a text that stands there in full: a page would just have the result. */
const callsOnText = /^[=\s]{0,4}(['"])[^'"]{0,80}\1\s{0,4}\.\s{0,4}\w{1,40}\s{0,4}\(/
