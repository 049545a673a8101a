import { type } from 'arktype'

/** The name and version of the format. */
export const proofType = 'caly-audit-proof/1'

const text = 'string | null'
const hex = type(/^([0-9a-f]{2})*$/)
const hash = type(/^[0-9a-f]{64}$/)

/** A row in the terms of `sealed-form.ts`: without what an erasure empties. */
const row = type({
  '+': 'reject',
  id: 'string.uuid',
  createdAt: 'string.date.iso',
  clientId: 'string.uuid',
  personalCommitment: hash,
  eventType: 'string',
  severity: 'string',
  outcome: 'string',
  actorType: 'string',
  requestId: text,
  traceId: text,
  method: text,
  path: text,
  statusCode: 'number | null',
  resourceType: text,
  resourceId: text,
  details: { '[string]': 'unknown' },
  writtenBy: /^\d{1,20}$/,
})

const personal = type({
  '+': 'reject',
  salt: /^[0-9a-f]{32}$/,
  ip: text,
  userAgent: text,
  actorId: text,
  'details?': 'unknown',
})

const seal = type({
  rowCount: 'number.integer >= 1',
  root: hash,
  keyId: 'string',
  position: 'number.integer >= 1',
  '[string]': 'unknown',
})

/**
 * A proof as it is exported: the row, its place in the tree of its seal, and the seal. Bytes are hex,
 * 64-bit numbers decimal text.
 */
export const proofFormat = type({
  '+': 'reject',
  type: `'${proofType}'`,
  row,
  /** Where they were asked for and are there: what opens the commitment. */
  'personal?': personal,
  leafIndex: 'number.integer >= 0',
  path: hash.array(),
  seal,
  signature: hex,
  publicKey: hash,
})

/** A proof. */
export type Proof = typeof proofFormat.infer
