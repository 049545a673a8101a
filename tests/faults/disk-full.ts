import type { Fault } from './harness/fault.ts'
import type { SmallDisk } from './harness/small-disk.ts'

/** The disk of `CALY_DATA_DIR` is full: nothing that is needed while the database is there. */
export const diskFull = (disk: () => SmallDisk): Fault => ({
  name: 'disk full',
  begin: () => disk().fill(),
  end: () => disk().free(),
  serves: 'all',
  hurts: false,
})

/** And the database is gone: no event can be kept, so what must leave one is refused. */
export const diskFullAndDatabaseGone = (disk: () => SmallDisk): Fault => ({
  name: 'disk full and database gone',
  async begin({ proxy }) {
    await disk().fill()
    await proxy.set('refuse')
  },
  async end({ proxy }) {
    await proxy.set('pass')
    await disk().free()
  },
  serves: ['index', 'live'],
  sign: { metric: 'caly_audit_lost_events_total', labelled: 'refused', is: 'up' },
})
