import { ProofError, proveRow } from '../audit/index.ts'
import { withTrail } from './audit-trail.ts'
import { type Command, required } from './command.ts'
import { print } from './environment.ts'
import { UsageError } from './usage-error.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** `caly audit prove` */
export const proveCommand: Command = {
  usage: 'ID [--personal] > proof.json',
  positionals: ['ID'],
  help: () =>
    [
      'Whoever has the proof can check it without the database. Exit code 1: there is no such row, or',
      'it is not sealed yet.',
      '  --personal  with address, user agent, actor and personal details',
    ].join('\n'),
  options: { personal: { type: 'boolean' } },
  async run(values) {
    const id = required(values, 'ID').toLowerCase()
    if (!uuid.test(id)) throw new UsageError('ID must be the id of a row')
    const personal = values['personal'] === true
    try {
      const proof = await withTrail(({ database: { db, client }, keys: { publicKeys } }) =>
        proveRow({ db, client, publicKeys, personal }, id),
      )
      print(JSON.stringify(proof, null, 2))
      return 0
    } catch (error) {
      if (!(error instanceof ProofError)) throw error
      print(error.message)
      return 1
    }
  },
}
