import { variables } from '../config.ts'
import { main } from '../main.ts'
import type { Command } from './command.ts'

/** `caly serve` */
export const serve: Command = {
  usage: '',
  options: {},
  help: describeVariables,
  async run() {
    await main()
    // Serving goes on: main() sets the exit code when it ends.
    return 0
  },
}

/** Every environment variable with its default and meaning. */
function describeVariables(): string {
  const rows = Object.entries(variables).map(([name, [fallback, meaning]]) =>
    [`  ${name}`, `      ${meaning}${fallback === '' ? '' : ` (default: ${fallback})`}`].join('\n'),
  )
  return [
    'Environment variables. Durations are milliseconds unless they carry a unit (15m).',
    ...rows,
  ].join('\n')
}
