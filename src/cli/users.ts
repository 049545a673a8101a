import {
  createUser,
  email as emailRule,
  name as nameRule,
  type Role,
  roles,
  setPassword,
} from '../auth/index.ts'
import { type Command, checked, clientIdOf, required, type Values } from './command.ts'
import { print } from './environment.ts'
import { choosePassword } from './passwords.ts'
import { demandClient, shell, withDatabase } from './shell.ts'
import { UsageError } from './usage-error.ts'

const passwordOption = { 'password-stdin': { type: 'boolean' } } as const

/** `caly users create` */
export const createUserCommand: Command = {
  usage: `--client ID --email ADDRESS --role ${roles.join('|')} [--name NAME] [--password-stdin]`,
  options: {
    client: { type: 'string' },
    email: { type: 'string' },
    role: { type: 'string' },
    name: { type: 'string' },
    ...passwordOption,
  },
  async run(values) {
    const email = checked(values, 'email', emailRule)
    const name = checked({ name: email, ...values }, 'name', nameRule)
    const role = roleOf(values)
    const clientId = clientIdOf(values)
    const { password, generated } = await choosePassword(values, email)
    const { id } = await withDatabase(async (dependencies) => {
      await demandClient(dependencies, clientId)
      return createUser(dependencies, { clientId, email, name, role, password }, shell)
    })
    print(`User ${id}`)
    if (generated) print(`Password ${password}`)
    return 0
  },
}

/** `caly users password` */
export const setPasswordCommand: Command = {
  usage: '--email ADDRESS [--password-stdin]',
  options: { email: { type: 'string' }, ...passwordOption },
  async run(values) {
    const email = required(values, 'email')
    const { password, generated } = await choosePassword(values, email)
    await withDatabase((dependencies) => setPassword(dependencies, { email, password }, shell))
    print(generated ? `Password ${password}` : 'Done')
    return 0
  },
}

function roleOf(values: Values): Role {
  const wanted = required(values, 'role')
  const role = roles.find((known) => known === wanted)
  if (role === undefined) throw new UsageError(`--role must be one of ${roles.join(', ')}`)
  return role
}
