export type { CallChanged } from './apply.ts'
export { type CallJobsOptions, registerCallJobs } from './call-jobs.ts'
export {
  addClientNumber,
  type ClientNumber,
  type ClientNumberDependencies,
  listClientNumbers,
  removeClientNumber,
} from './client-numbers.ts'
export {
  type CallChecked,
  type CheckLimits,
  checkCall,
  checkCredentials,
  type Report,
  report,
  summaryOf,
  usualLimits,
} from './exotel/check/index.ts'
export { type CircuitState, type Exotel, type ExotelOptions, exotel } from './exotel/index.ts'
export { bodyPairs, type RawMessage } from './exotel/message.ts'
export { toE164 } from './exotel/numbers.ts'
export { formatTime } from './exotel/times.ts'
export {
  type CallTimes,
  callTimes,
  type OpenCallCounts,
  openCallCounts,
  openCallStatuses,
} from './figures.ts'
export type {
  CallDetails,
  CallProvider,
  Placement,
  ProviderCall,
  Recording,
} from './provider.ts'
export { type Progress, type Reencrypted, type ReencryptOptions, reencrypt } from './reencrypt.ts'
export { type CallRoutesOptions, callRoutes } from './routes.ts'
export { insertSampleCall, removeCallsOf } from './sample-call.ts'
export type { Call, CallPage, CallStats, CallWithEvents, NewCall } from './schemas.ts'
export { type CallService, type CallServiceOptions, callService } from './service.ts'
export { type SimulatorOptions, simulator } from './simulator/index.ts'
export type { CallStatus } from './state-machine.ts'
export {
  idleStates,
  listMessages,
  type MessageReader,
  type MessageSelection,
  type MessageSummary,
  readStoredMessage,
} from './stored-messages.ts'
export { rawBodyRoutes, type WebhookRoutesOptions, webhookRoutes } from './webhook-routes.ts'
