import type { CallProvider } from '../../src/calls/index.ts'

/** The provider's name for a call of ours, where the silent one has taken it. */
export const sidOf = (id: string): string => id.replaceAll('-', '')

/** Takes every call, names it after itself, and then keeps silent: the tests do the talking. */
export const silentProvider = (more: Partial<CallProvider> = {}): CallProvider => ({
  name: 'exotel',
  place: async ({ id }) => ({ outcome: 'placed', providerCallId: sidOf(id) }),
  details: async () => [],
  recording: async () => undefined,
  close: async () => {},
  ...more,
})
