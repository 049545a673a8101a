import { eraseActor } from '../audit/index.ts'
import { withTrail } from './audit-trail.ts'
import { type Command, required } from './command.ts'
import { print } from './environment.ts'
import { shell } from './shell.ts'

/** `caly audit erase` */
export const eraseCommand: Command = {
  name: 'audit erase',
  summary: 'Empty the personal fields of all that a user or a key did; the seals stay valid',
  usage: '--actor ID',
  help: () =>
    [
      'Address, user agent, actor and personal details go, for good; what was done, when and to what',
      'stays. The erasure is an event itself, which does not name the actor. Erase the account first:',
      'what it does later is not touched. The keys that a user made are actors of their own.',
    ].join('\n'),
  options: { actor: { type: 'string' } },
  async run(values) {
    const actor = required(values, 'actor')
    const { rows, months } = await withTrail(({ database: { client }, macs, platformClientId }) =>
      eraseActor({ client, maker: { macs, platformClientId }, now: Date.now }, actor, shell),
    )
    print(`${rows} rows emptied${months.length > 0 ? `, of ${months.join(', ')}` : ''}`)
    return 0
  },
}
