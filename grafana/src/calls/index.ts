/** Are calls placed, do they come through, and do we hear of them in time? */
import type { Board } from '../board.ts'
import { callbacksPanels } from './callbacks.ts'
import { callsPanels } from './calls.ts'
import { overviewPanels } from './overview.ts'
import { placingPanels } from './placing.ts'

/** Calls from their creation to their end, and the provider. */
export const calls: Board = {
  uid: 'caly-calls',
  title: 'Caly: Calls',
  description:
    'Calls by status, how long they take, the provider that places them, and its callbacks. No number, name or id of a call is in here: they are encrypted, and the reader of this data source cannot see them.',
  rows: {
    'At a glance': overviewPanels,
    Calls: callsPanels,
    'Placing them': placingPanels,
    'Hearing of them': callbacksPanels,
  },
}
