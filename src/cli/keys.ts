import { createKey, grantable, name as nameRule, type Scope, scopes } from '../auth/index.ts'
import { type Command, checked, clientIdOf, several, type Values } from './command.ts'
import { print } from './environment.ts'
import { demandClient, shell, withDatabase } from './shell.ts'
import { UsageError } from './usage-error.ts'

const day = 86_400_000

/** `caly keys create` */
export const createKeyCommand: Command = {
  usage: '--client ID --name NAME --scope SCOPE [--scope SCOPE …] [--expires-in-days N]',
  help: () => `Scopes: ${scopes.join(', ')}`,
  options: {
    client: { type: 'string' },
    name: { type: 'string' },
    scope: { type: 'string', multiple: true },
    'expires-in-days': { type: 'string' },
  },
  async run(values) {
    const name = checked(values, 'name', nameRule)
    const wanted = scopesOf(values)
    const expiresAt = expiryOf(values)
    const clientId = clientIdOf(values)
    const { key } = await withDatabase(async (dependencies) => {
      const { isPlatform } = await demandClient(dependencies, clientId)
      const most = grantable(isPlatform)
      const beyond = wanted.filter((scope) => !most.includes(scope))
      if (beyond.length > 0)
        throw new UsageError(`Only the platform's own client may have ${beyond.join(', ')}`)
      return createKey(
        dependencies,
        { clientId, name, scopes: wanted, expiresAt, createdBy: null },
        shell,
      )
    })
    print(`Key ${key}`)
    return 0
  },
}

function scopesOf(values: Values): Scope[] {
  const words = several(values, 'scope').flatMap((word) => word.split(','))
  const wanted = scopes.filter((scope) => words.includes(scope))
  if (wanted.length === 0 || wanted.length !== new Set(words).size)
    throw new UsageError(`--scope takes ${scopes.join(', ')}`)
  return wanted
}

function expiryOf(values: Values): Date | null {
  const days = values['expires-in-days']
  if (days === undefined) return null
  if (typeof days !== 'string' || !/^[1-9]\d{0,3}$/.test(days))
    throw new UsageError('--expires-in-days takes a whole number from 1 to 9999')
  return new Date(Date.now() + Number(days) * day)
}
