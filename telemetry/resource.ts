import process from 'node:process'
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import { runtimeOf } from './process/build-info.ts'
import type { TelemetryOptions } from './telemetry.ts'

/**
 * What all telemetry says of its origin: the service, and what `OTEL_RESOURCE_ATTRIBUTES` adds or
 * says otherwise. The SDK's own detectors would add the command line, the user and the host.
 */
export function resourceOf({ settings, version, instanceId }: TelemetryOptions): Resource {
  const { runtime, runtime_version } = runtimeOf(process.versions)
  return defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': settings.serviceName,
        'service.version': version,
        'service.instance.id': instanceId,
        'deployment.environment.name': settings.environment,
        'process.runtime.name': runtime,
        'process.runtime.version': runtime_version,
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }))
}
