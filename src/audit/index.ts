export type { AuditEntry, AuditOrigin, AuditSummary } from './entry.ts'
export { type Erased, eraseActor } from './erase.ts'
export { type AuditDetails, type AuditEventName, auditEvents } from './events.ts'
export { recordGrant } from './grants.ts'
export { insertRows } from './insert.ts'
export { inspectTrail, type TrailInspection } from './inspect.ts'
export { type AuditActor, requestOrigin } from './origin.ts'
export { checkProof, type ProofCheck } from './proof/check.ts'
export { type Proof, proofFormat } from './proof/format.ts'
export { ProofError, proveRow } from './proof/prove.ts'
export { type ExportFormat, exportFormats, exportStream } from './reading/export.ts'
export { type AuditSelection, auditFilters, selectionOf } from './reading/filters.ts'
export { type AuditReader, auditReader } from './reading/reader.ts'
export {
  type AuditExportQuery,
  type AuditListQuery,
  auditExportQuery,
  auditListQuery,
  auditPage,
  auditVerification,
} from './reading/schemas.ts'
export { type Verifications, verifications, verificationView } from './reading/verification.ts'
export { recordRead } from './reads.ts'
export { insertRedated } from './redate.ts'
export { type AuditRow, auditRow, type EventStamp, type RowMaker } from './row.ts'
export { type RowMacs, rowMacs } from './row-mac.ts'
export { type Anchor, openAnchor } from './seals/anchor.ts'
export { SealMemory, UntrustedSealError } from './seals/head.ts'
export { type SealKeys, sealKeys } from './seals/keys.ts'
export { type SignedSeal, sealHash } from './seals/seal.ts'
export { type SealMaker, sealOnce, TransactionCounterError } from './seals/sealer.ts'
export { type Sealing, type SealingStatus, startSealing } from './seals/sealing.ts'
export { openSpool } from './spool/index.ts'
export { type AuditTrail, auditTrail, directTrail } from './trail.ts'
export { ensureMonths, registerAuditJobs } from './upkeep.ts'
export { AnchorError, type Anchors, readAnchors } from './verify/anchors.ts'
export type { Finding, FindingKind } from './verify/findings.ts'
export { type VerifyOptions, type VerifyReport, verifyTrail } from './verify/verify.ts'
export { type AuditWriter, auditWriter, type WriterObserver } from './writer/index.ts'
