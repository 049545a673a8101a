import type { Fault } from './faults.ts'

/** What happened at the simulator. Never a number, a credential or an address of a callback. */
export type SimulatorEvent =
  /** A call is over. */
  | {
      readonly type: 'ended'
      readonly sid: string
      readonly direction: string
      readonly status: string
    }
  /** A fault holds. */
  | { readonly type: 'fault'; readonly fault: Fault; readonly occasion: string }
  /** A request was answered with an error of the client's doing. */
  | { readonly type: 'refused'; readonly status: number; readonly message: string }
  /** Nobody took a callback, after all attempts. */
  | { readonly type: 'undelivered'; readonly sid: string; readonly message: string }
