/** Starts OpenTelemetry by its variables, before anything that it instruments is loaded. */
const { NodeSDK } = require('@opentelemetry/sdk-node')

exports.startTracing = (instrumentations = []) => {
  const sdk = new NodeSDK({ serviceName: 'peer', instrumentations })
  sdk.start()
}
