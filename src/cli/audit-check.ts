import { readFile } from 'node:fs/promises'
import { type } from 'arktype'
import { checkProof, type Proof, proofFormat } from '../audit/index.ts'
import { anchorsOf } from './audit-verify.ts'
import { type Command, required } from './command.ts'
import { print } from './environment.ts'
import { UsageError } from './usage-error.ts'

/** `caly audit check` */
export const checkCommand: Command = {
  usage: 'FILE --key KEY [--anchor FILE]',
  positionals: ['FILE'],
  help: () =>
    [
      'Exit code 1: the proof proves nothing.',
      '  --key KEY      the thumbprint of the key that you believe: as the service publishes it, in its',
      '                 log, its anchor and caly audit verify. Not from the proof itself',
      '  --anchor FILE  what AUDIT_ANCHOR wrote: the seal must be the one that was anchored',
    ].join('\n'),
  options: { key: { type: 'string' }, anchor: { type: 'string' } },
  async run(values) {
    const keyId = required(values, 'key')
    const proof = await readProof(required(values, 'FILE'))
    const anchors = await anchorsOf(values)
    const wrong = await checkProof(proof, { keyId, ...(anchors !== undefined && { anchors }) })
    for (const line of wrong) print(line)
    const { row, seal } = proof
    if (wrong.length === 0)
      print(`Proven: ${row.eventType} ${row.id} of ${row.createdAt} is in seal ${seal.position}`)
    return wrong.length === 0 ? 0 : 1
  },
}

const proofText = type('string.json.parse').to(proofFormat)

async function readProof(path: string): Promise<Proof> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError('FILE cannot be read', { cause })
  })
  const proof = proofText(text)
  if (proof instanceof type.errors) throw new UsageError('FILE is not a proof')
  return proof
}
