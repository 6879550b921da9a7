/**
 * The audit log. A write leaves its row, with a digest of its own, in its own transaction; one sealer links rows into a
 * hash chain within a second. A chain head locked in each transaction would make commits queue up behind one another.
 */
import { type RawBuilder, sql } from 'kysely'
import { canonicalJson, newId, sha256 } from './ids.ts'
import { type Db, inTransaction } from './sql.ts'

export interface AuditEntry {
  /** A person's id, `operator` (the command line) or `system`. */
  actor: string
  action: string
  /** What was written: a kind and an id, never a name or a text. */
  subject: string
  project?: string
  /** Values before and after: only their digests are kept. */
  before?: unknown
  after?: unknown
}

interface AuditRow {
  id: string
  at: Date
  actor: string
  action: string
  subject: string
  project_id: string | null
  before: Buffer | null
  after: Buffer | null
}

const hex = (bytes: Uint8Array | null) => (bytes ? Buffer.from(bytes).toString('hex') : null)
const digestOf = (row: AuditRow): Buffer =>
  sha256(
    canonicalJson([
      row.id,
      row.at.toISOString(),
      row.actor,
      row.action,
      row.subject,
      row.project_id,
      hex(row.before),
      hex(row.after),
    ]),
  )
const valueDigest = (value: unknown) => (value === undefined ? null : sha256(canonicalJson(value)))

/** The statement that writes audit rows, also as a part of a larger one, where a `condition` on their columns decides which. */
export function auditRecorded(entries: (AuditEntry & { at: Date })[], condition: RawBuilder<unknown> = sql`true`) {
  const rows = entries.map((entry): AuditRow & { digest: Buffer } => {
    const row: AuditRow = {
      id: newId(),
      at: entry.at,
      actor: entry.actor,
      action: entry.action,
      subject: entry.subject,
      project_id: entry.project ?? null,
      before: valueDigest(entry.before),
      after: valueDigest(entry.after),
    }
    return { ...row, digest: digestOf(row) }
  })
  const column = <K extends keyof (typeof rows)[number]>(name: K) => rows.map((row) => row[name])
  return sql`
    INSERT INTO audit (id, at, actor, action, subject, project_id, before, after, digest)
    SELECT * FROM unnest(${column('id')}::uuid[], ${column('at')}::timestamptz[], ${column('actor')}::text[],
      ${column('action')}::text[], ${column('subject')}::text[], ${column('project_id')}::uuid[],
      ${column('before')}::bytea[], ${column('after')}::bytea[], ${column('digest')}::bytea[])
      AS r(id, at, actor, action, subject, project_id, before, after, digest) WHERE ${condition}`
}

/** Writes audit rows into the caller's transaction. */
export async function recordAudit(trx: Db, entries: AuditEntry[], at: Date): Promise<void> {
  await auditRecorded(entries.map((entry) => ({ ...entry, at }))).execute(trx)
}

interface Head {
  sequence: number
  link: Buffer
}
const nextLink = (link: Buffer, digest: Buffer) => sha256(link, digest)

/** Links the settled rows that are not linked yet, at most `limit`; returns how many. Safe to call from many replicas. */
export async function seal(db: Db, limit = 5000): Promise<number> {
  return inTransaction(db, async (trx) => {
    const { rows: heads } = await sql<Head>`SELECT sequence, link FROM audit_head FOR UPDATE SKIP LOCKED`.execute(trx)
    const head = heads[0]
    if (!head) return 0 // another replica is at it
    const { rows } = await sql<{ id: string; digest: Buffer; epoch: number; xid: string; position: number }>`
      SELECT id, digest, epoch, a.xid::text AS xid, position FROM audit a
      WHERE (epoch, a.xid, position) > (SELECT epoch, xid, position FROM audit_head) AND is_settled(epoch, a.xid)
      ORDER BY epoch, a.xid, position LIMIT ${limit}`.execute(trx)
    const last = rows.at(-1)
    if (!last) return 0
    let { sequence, link } = head
    const chain = rows.map((row) => ({ id: row.id, sequence: ++sequence, link: (link = nextLink(link, row.digest)) }))
    await sql`
      INSERT INTO audit_chain (sequence, audit_id, link)
      SELECT * FROM unnest(${chain.map((c) => c.sequence)}::bigint[], ${chain.map((c) => c.id)}::uuid[],
        ${chain.map((c) => c.link)}::bytea[])`.execute(trx)
    await sql`
      UPDATE audit_head SET sequence = ${sequence}, link = ${link}, epoch = ${last.epoch}, xid = ${last.xid}::xid8,
        position = ${last.position}`.execute(trx)
    return rows.length
  })
}

export interface AuditVerdict {
  ok: boolean
  /** Sealed rows. */
  rows: number
  /** Rows written but not linked yet. */
  unsealed: number
  firstBroken?: { sequence: number; why: string; audit?: string }
}

/** Hears how far it is after each page; what it throws ends it. */
type OnPage = (rows: number, total: number) => void

/** Walks the whole chain, in pages, under one snapshot. */
export const verifyAudit = (db: Db, onPage?: OnPage): Promise<AuditVerdict> =>
  db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute((trx) => verifyChain(trx, onPage))

/** Recomputes each row's digest and link, then compares with the head, which holds count and hash apart. */
export async function verifyChain(trx: Db, onPage?: OnPage): Promise<AuditVerdict> {
  const { rows: heads } = await sql<Head>`SELECT sequence, link FROM audit_head`.execute(trx)
  const { rows: counts } = await sql<{ unsealed: number }>`
    SELECT count(*) AS unsealed FROM audit a WHERE NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.audit_id = a.id)`.execute(
    trx,
  )
  const { rows: settled } = await sql<{ passed: number }>`
    SELECT count(*) AS passed FROM audit
    WHERE (epoch, xid, position) <= (SELECT epoch, xid, position FROM audit_head)`.execute(trx)
  const head = heads[0]
  const unsealed = counts[0]!.unsealed
  const broken = (sequence: number, why: string, audit?: string): AuditVerdict => ({
    ok: false,
    rows: head?.sequence ?? 0,
    unsealed,
    firstBroken: { sequence, why, ...(audit ? { audit } : {}) },
  })
  if (!head) return broken(0, 'the head of the chain is missing')
  let sequence = 0
  let link: Buffer = Buffer.alloc(32)
  for (;;) {
    const { rows } = await sql<AuditRow & { sequence: number; link: Buffer; digest: Buffer | null; audit_id: string }>`
      SELECT c.sequence, c.link, c.audit_id, a.id, a.at, a.actor, a.action, a.subject, a.project_id, a.before, a.after, a.digest
      FROM audit_chain c LEFT JOIN audit a ON a.id = c.audit_id
      WHERE c.sequence > ${sequence} ORDER BY c.sequence LIMIT 5000`.execute(trx)
    for (const row of rows) {
      sequence++
      if (row.sequence !== sequence) return broken(sequence, 'a link is missing')
      if (!row.digest) return broken(sequence, 'the row is missing', row.audit_id)
      if (!digestOf(row).equals(row.digest)) return broken(sequence, 'the row was changed', row.audit_id)
      link = nextLink(link, row.digest)
      if (!link.equals(row.link)) return broken(sequence, 'the chain was changed', row.audit_id)
    }
    onPage?.(sequence, head.sequence)
    if (rows.length < 5000) break
  }
  if (sequence !== head.sequence)
    return broken(sequence + 1, `the chain ends at ${sequence}, its head says ${head.sequence}`)
  if (!link.equals(head.link)) return broken(sequence, 'the last link is not the one that the head holds')
  if (settled[0]!.passed !== sequence)
    return broken(sequence, `${settled[0]!.passed} rows lie below the head, ${sequence} are linked`)
  return { ok: true, rows: sequence, unsealed }
}
