/** The catalogue of events: what the docs say of it, and that the service says nothing else. */
import { expect, test } from 'bun:test'
import { readdir, readFile } from 'node:fs/promises'
import { auditPage, keptAuditPage } from '../../docs/audit-events.ts'
import { auditEvents } from '../../src/audit/events.ts'

test('docs/audit-events.md is the catalogue that the service goes by', async () => {
  // Out of date? bun run docs:audit-events
  expect(await keptAuditPage()).toBe(auditPage())
})

test('the trail knows more than 30 types of events, each told of in one sentence', () => {
  const types = Object.entries(auditEvents)
  expect(types.length).toBeGreaterThan(30)
  for (const [name, { tells }] of types)
    expect([name, tells]).toEqual([name, expect.stringMatching(/^[A-Z][^.]+\.$/)])
})

/** Rows are found by their types' severities: a type whose severity changed would hide its old rows. */
const severities = {
  DEBUG: 'TOKEN_REFRESHED WEBHOOK_RECEIVED DATA_CREATED DATA_READ',
  INFO: `LOGIN_SUCCESS LOGOUT PASSWORD_CHANGED CLIENT_CREATED USER_CREATED USER_UPDATED
    CLIENT_REMOVED CLIENT_NUMBER_ADDED CLIENT_NUMBER_REMOVED
    API_KEY_GENERATED API_KEY_REVOKED API_KEY_EXPIRED ACCESS_GRANTED VALIDATION_FAILED CALL_QUEUED
    CALL_PLACED CALL_RECEIVED CALL_STATUS_CHANGED CALL_UPDATED CALL_RECORDING_READ DATA_UPDATED DATA_DELETED
    SERVICE_STARTED SERVICE_STOPPED DATABASE_MIGRATED AUDIT_VERIFIED
    SCAN_STARTED SCAN_COMPLETED VULNERABILITY_FOUND_LOW VULNERABILITY_FIXED`,
  WARNING: `LOGIN_FAILURE ACCOUNT_LOCKED USER_DISABLED USER_ERASED ACCESS_DENIED RATE_LIMIT_EXCEEDED
    CALL_ERASED WEBHOOK_REJECTED DATA_EXPORTED CONFIG_CHANGED KEYS_REENCRYPTED AUDIT_ERASED
    AUDIT_MONTH_DROPPED SCAN_INCOMPLETE VULNERABILITY_FOUND_MODERATE VULNERABILITY_FOUND_UNRATED`,
  ERROR: 'SECURITY_VIOLATION SCAN_FAILED VULNERABILITY_FOUND_HIGH',
  CRITICAL: 'TOKEN_REUSE_DETECTED AUDIT_EVENTS_DROPPED VULNERABILITY_FOUND_CRITICAL',
}

test('a type keeps its severity for good: add new types to the table, and change none', () => {
  const kept = Object.entries(severities).flatMap(([severity, names]) =>
    names.split(/\s+/).map((name) => [name, severity] as const),
  )
  const now = Object.entries(auditEvents).map(([name, { severity }]) => [name, severity] as const)
  expect<unknown>(Object.fromEntries(now)).toEqual(Object.fromEntries(kept))
})

test('every type is written somewhere in the source, beside the catalogue', async () => {
  const root = new URL('../../src/', import.meta.url)
  const files = (await readdir(root, { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('audit/catalogue/'),
  )
  const source = (
    await Promise.all(files.map((file) => readFile(new URL(file, root), 'utf8')))
  ).join()
  const unused = Object.keys(auditEvents).filter((name) => !source.includes(`'${name}'`))
  expect(unused).toEqual([])
})
