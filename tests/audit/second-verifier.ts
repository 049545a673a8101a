/**
 * A second verifier, written from docs/audit.md alone: it shares no line with src/. It believes one
 * public key, knows no secret, and names what is not as it was sealed.
 *
 *     bun tests/audit/second-verifier.ts postgres://… KEY [ANCHOR]
 */
import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto'
import { readFileSync } from 'node:fs'
import postgres from 'postgres'

type Row = postgres.Row
const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

/** RFC 8785, for what JSON.parse gives. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`)}}`
}

/** RFC 9162 §2.1.1, as it stands there. */
function treeHash(leaves: readonly Buffer[]): Buffer {
  if (leaves.length < 2) return leaves[0] ?? sha256()
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return sha256(Buffer.of(1), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)))
}

function number64(value: number | string): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt.asIntN(64, BigInt(value)))
  return bytes
}

function textField(value: unknown): Buffer {
  if (value === null || value === undefined) return Buffer.from('ffffffff', 'hex')
  const text = Buffer.from(String(value))
  return Buffer.concat([number64(text.length).subarray(4), text])
}

const uuid = (text: string): Buffer => Buffer.from(text.replaceAll('-', ''), 'hex')

const texts = ['event_type', 'severity', 'outcome', 'actor_type', 'request_id', 'trace_id']
texts.push('method', 'path', 'status_code', 'resource_type', 'resource_id')

function leafOf(row: Row): Buffer {
  const { personal: _, ...details } = row['details']
  return sha256(
    Buffer.of(0, 1),
    uuid(row['id']),
    number64(row['created_at'].getTime()),
    uuid(row['client_id']),
    row['personal_commitment'],
    ...texts.map((name) => textField(row[name])),
    textField(canonical(details)),
    number64(row['written_by']),
  )
}

function personalIsRight(row: Row): boolean {
  if (row['personal_salt'] === null) return row['erasure'] !== null
  const { personal } = row['details']
  return sha256(
    Buffer.from('caly audit personal 1\0'),
    row['personal_salt'],
    ...['ip', 'user_agent', 'actor_id'].map((name) => textField(row[name])),
    textField(personal === undefined ? null : canonical(personal)),
  ).equals(row['personal_commitment'])
}

const statement = (seal: Row): Buffer =>
  Buffer.from(
    canonical({
      type: `caly-audit-seal/${seal['version']}`,
      position: Number(seal['position']),
      kind: seal['kind'],
      createdAt: seal['created_at'].toISOString(),
      month: seal['month'],
      fromXid: seal['from_xid'],
      toXid: seal['to_xid'],
      rowCount: Number(seal['row_count']),
      forgedCount: Number(seal['forged_count']),
      totalCount: Number(seal['total_count']),
      root: seal['root'].toString('hex'),
      previousHash: seal['previous_hash'].toString('hex'),
      keyId: seal['key_id'],
    }),
  )

function isSigned(seal: Row, publicKey: Buffer): boolean {
  const x = publicKey.toString('base64url')
  const named = sha256(Buffer.from(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`))
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const right = verifySignature(null, statement(seal), key, seal['signature'])
  return right && named.toString('base64url') === seal['key_id']
}

/** What is wrong, in words; nothing where all is as it was sealed. @param believed a thumbprint */
export async function secondOpinion(sql: postgres.Sql, believed: string, anchor = '') {
  const wrong: string[] = []
  const keys = new Map((await sql`select * from audit_seal_keys`).map((k) => [k['key_id'], k]))
  const seals = await sql`select *, from_xid::text, to_xid::text from audit_seals order by position`
  const dropped = new Set(seals.filter((s) => s['kind'] === 'drop').map((s) => s['month']))
  let previous: Row | undefined
  let sealed = 0
  for (const seal of seals) {
    const at = `seal ${seal['position']}`
    const key = keys.get(seal['key_id'])
    if (key === undefined || !isSigned(seal, key['public_key'])) wrong.push(`${at} is not signed`)
    const link = previous === undefined ? Buffer.alloc(32) : sha256(statement(previous))
    if (Number(seal['position']) !== Number(previous?.['position'] ?? 0) + 1)
      wrong.push(`a seal is missing before ${at}`)
    else if (!link.equals(seal['previous_hash'])) wrong.push(`${at} does not follow`)
    previous = seal
    if (dropped.has(seal['month'])) continue
    const rows = await sql`
      select *, written_by::text from audit_logs
      where written_by >= ${seal['from_xid']}::xid8 and written_by < ${seal['to_xid']}::xid8
        and to_char(created_at at time zone 'UTC', 'YYYY-MM') = ${seal['month']} order by id`
    if (!treeHash(rows.map(leafOf)).equals(seal['root'])) wrong.push(`${at} has other rows`)
    for (const row of rows)
      if (!personalIsRight(row)) wrong.push(`${row['id']} is about somebody else`)
    if (Number(seal['forged_count']) > 0) wrong.push(`${at} has rows that Caly did not write`)
    sealed += Number(seal['row_count'])
  }
  if (previous && previous['key_id'] !== believed) wrong.push('the last seal is by another key')
  const hashes = new Map(seals.map((s) => [Number(s['position']), sha256(statement(s))]))
  for (const line of anchor.split('\n').filter(Boolean)) {
    const { seal } = JSON.parse(line)
    if (hashes.get(seal.position)?.equals(sha256(Buffer.from(canonical(seal)))) !== true)
      wrong.push(`seal ${seal.position} is not the one that was anchored`)
  }
  const [found] = await sql`
    select count(*) filter (where written_by < ${previous?.['to_xid'] ?? '0'}::xid8)::int as rows,
      bool_or(written_by >= pg_snapshot_xmax(pg_current_snapshot())) as ahead from audit_logs`
  if (found?.['rows'] !== sealed || found?.['ahead']) wrong.push('there are rows beside the seals')
  return wrong
}

if (import.meta.main) {
  const [url = '', key = '', anchor] = process.argv.slice(2)
  const sql = postgres(url)
  const wrong = await secondOpinion(sql, key, anchor && readFileSync(anchor, 'utf8'))
  await sql.end()
  process.stdout.write(`${[...wrong, `${wrong.length} findings`].join('\n')}\n`)
  process.exitCode = wrong.length === 0 ? 0 : 1
}
