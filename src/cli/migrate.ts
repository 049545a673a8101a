import { readConfig } from '../config.ts'
import type { Command } from './command.ts'
import { openForCommand } from './database.ts'
import { environment, print } from './environment.ts'

/** `caly migrate` */
export const migrate: Command = {
  usage: '',
  options: {},
  async run() {
    const config = readConfig(environment())
    const database = await openForCommand(config)
    try {
      const { applied } = await database.migrate({
        auditRetentionDays: config.audit.retentionDays,
      })
      print(applied > 0 ? `Applied ${applied} migrations` : 'Nothing to migrate')
      return 0
    } finally {
      await database.close()
    }
  },
}
