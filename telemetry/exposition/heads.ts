import type { ExpositionFormat } from './format.ts'

/**
 * The same text, with the lines that introduce a metric as the format wants them. In OpenMetrics a
 * counter is introduced without its `_total`, the resource is an info, and help has no bare
 * quotation marks.
 */
export function headsIn(format: ExpositionFormat, text: string): string {
  if (format === 'text') return text
  return text.replace(heads, (_line, word: string, name: string, rest: string) => {
    if (name === 'target_info') return `# ${word} target ${word === 'TYPE' ? 'info' : rest}`
    const said = word === 'HELP' ? rest.replaceAll('"', '\\"') : rest
    return `# ${word} ${name.replace(/_total$/, '')} ${said}`
  })
}

const heads = /^# (HELP|UNIT|TYPE) (\S+) (.*)$/gm
