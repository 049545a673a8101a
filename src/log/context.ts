import { AsyncLocalStorage } from 'node:async_hooks'

/** Fields that all lines of one piece of work carry. Safe by themselves: ids and names of ours. */
export type LogFields = Readonly<Record<string, string | number | boolean>>

const storage = new AsyncLocalStorage<LogFields>()

/** Runs work whose every line, across awaits, carries the fields, beside those of work around it. */
export const withLogContext = <Result>(fields: LogFields, work: () => Result): Result =>
  storage.run({ ...storage.getStore(), ...fields }, work)

/** The fields of the work at hand. */
export const logContext = (): LogFields | undefined => storage.getStore()
