import { addClientNumber, listClientNumbers, removeClientNumber } from '../calls/index.ts'
import { phoneNumber } from '../hooks/validation/index.ts'
import { type Command, checked, clientIdOf } from './command.ts'
import { print } from './environment.ts'
import { demandClient, shell, withDatabase } from './shell.ts'

const text = { type: 'string' } as const

/** `caly numbers add` */
export const addNumberCommand: Command = {
  usage: '--client ID --number NUMBER',
  help: () => 'NUMBER is in the E.164 form, such as +918047112345.',
  options: { client: text, number: text },
  async run(values) {
    const number = checked(values, 'number', phoneNumber)
    const clientId = clientIdOf(values)
    const added = await withDatabase(async (dependencies) => {
      await demandClient(dependencies, clientId)
      return addClientNumber(dependencies, { number, clientId }, shell)
    })
    print(added ? `Number ${number}` : 'The client has it already')
    return 0
  },
}

/** `caly numbers list` */
export const listNumbersCommand: Command = {
  usage: '',
  options: {},
  async run() {
    const numbers = await withDatabase(({ db }) => listClientNumbers(db))
    for (const { number, clientId } of numbers) print(`${number.padEnd(16)}  ${clientId}`)
    return 0
  },
}

/** `caly numbers remove` */
export const removeNumberCommand: Command = {
  usage: '--number NUMBER',
  options: { number: text },
  async run(values) {
    const number = checked(values, 'number', phoneNumber)
    await withDatabase((dependencies) => removeClientNumber(dependencies, number, shell))
    print('Done')
    return 0
  },
}
