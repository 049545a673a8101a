import { eraseActor } from '../audit/index.ts'
import { platformOf, withTrail } from './audit-trail.ts'
import { type Command, required } from './command.ts'
import { print } from './environment.ts'
import { shell } from './shell.ts'

/** `caly audit erase` */
export const eraseCommand: Command = {
  usage: '--actor ID',
  help: () =>
    [
      'Address, user agent, actor and personal details go, for good; what was done, when and to what',
      'stays. The erasure is an event itself, which does not name the actor. Erase the account first:',
      'what it does later is not touched. The keys that a user made are actors of their own.',
      'Exit code 1: nothing in the trail is of this id.',
    ].join('\n'),
  options: { actor: { type: 'string' } },
  async run(values) {
    const actor = required(values, 'actor')
    const { rows, months, known } = await withTrail(async ({ database: { client, db }, macs }) => {
      const maker = { macs, platformClientId: await platformOf(db) }
      return await eraseActor({ client, maker, now: Date.now }, actor, shell)
    })
    if (!known) {
      print('Nothing in the trail is of this id')
      return 1
    }
    print(`${rows} rows emptied${months.length > 0 ? `, of ${months.join(', ')}` : ''}`)
    return 0
  },
}
