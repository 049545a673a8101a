import { createClient, name as nameRule } from '../auth/index.ts'
import { type Command, checked } from './command.ts'
import { print } from './environment.ts'
import { shell, withDatabase } from './shell.ts'

/** `caly clients create` */
export const createClientCommand: Command = {
  usage: '--name NAME',
  options: { name: { type: 'string' } },
  async run(values) {
    const name = checked(values, 'name', nameRule)
    const { id } = await withDatabase((dependencies) => createClient(dependencies, { name }, shell))
    print(`Client ${id}`)
    return 0
  },
}
