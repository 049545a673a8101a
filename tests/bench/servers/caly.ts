/** All of Caly around two routes, on a port. */

import { withPeer } from '../../../src/plugins/request-context.ts'
import { app } from './caly-app.ts'
import { listen } from './listen.ts'

listen(app, withPeer)
