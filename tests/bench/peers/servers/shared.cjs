/** What every peer is told alike: where it listens, how much it bears, and what it answers. */
const { env } = require('node:process')

/** Where it listens. */
exports.port = Number(env.PORT)
exports.hostname = '127.0.0.1'

/** Requests a minute of one address: raised for a run, never off. */
exports.limit = Number(env.RATE_LIMIT)
exports.window = 60_000

/** The answer to GET /. */
exports.index = { name: 'Caly', version: '0.1.0', docs: '/docs' }

/** Bodies of POST /echo. */
exports.phone = /^\+[1-9]\d{6,14}$/
exports.noteLength = 200

/** The policies that every answer has; the plugins' other headers are off, as Caly has none of them. */
exports.policies = {
  defaultSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
}
/** No helmet sends this one: each peer sets it by hand. */
exports.permissionsPolicy = [
  'accelerometer',
  'camera',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'payment',
  'usb',
]
  .map((feature) => `${feature}=()`)
  .join(', ')

/** Options of helmet for Express and Fastify. */
exports.helmetOptions = {
  contentSecurityPolicy: { useDefaults: false, directives: exports.policies },
  frameguard: { action: 'deny' },
  referrerPolicy: { policy: 'no-referrer' },
  hsts: false,
  originAgentCluster: false,
  dnsPrefetchControl: false,
  ieNoOpen: false,
  permittedCrossDomainPolicies: false,
}

exports.problemType = 'application/problem+json'

/** An error's answer (RFC 9457). */
exports.problem = (status, title, requestId) => ({
  type: 'about:blank',
  title,
  status,
  requestId,
})
