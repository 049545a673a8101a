/** Is it well, how fast is it, where is it tight, and what does it lose? */
import type { Board } from '../board.ts'
import { overviewPanels } from './overview.ts'
import { requestsPanels } from './requests.ts'
import { saturationPanels } from './saturation.ts'
import { telemetryPanels } from './telemetry.ts'

/** The dashboard to begin with. */
export const service: Board = {
  uid: 'caly-service',
  title: 'Caly: Service',
  description:
    'Requests by rate, errors and duration, and what the process runs short of. Begin here; Database, Calls and Security go further. A point of a curve leads to its traces, a dot on it (an exemplar) to one.',
  byRoute: true,
  rows: {
    'At a glance': overviewPanels,
    Requests: requestsPanels,
    Saturation: saturationPanels,
    'Others, and telemetry itself': telemetryPanels,
  },
}
