/**
 * Takes a snapshot. In a caller's transaction it is a part of that; by itself it reads one state of the database in a
 * transaction that only reads, and writes page by page beside it: a long transaction that writes would hold back every
 * follower of the event log. Until it has its hash nobody sees it.
 */
import { sql } from 'kysely'
import { printPrompts } from '../../collect/prompts/prints.ts'
import { recordAudit } from '../../platform/audit.ts'
import { fail } from '../../platform/errors.ts'
import { emit } from '../../platform/events.ts'
import { canonicalJson, newId } from '../../platform/ids.ts'
import { all, type Db, first, inTransaction, json, one } from '../../platform/sql.ts'
import { cardOf } from './card.ts'
import type { DatasetKind, Filters, FiltersInput } from './contract.ts'
import { type Draft, draftsOf, reading } from './drafts.ts'
import { countsOf, type Facts, noFacts } from './facts.ts'
import { findSnapshot, type Snapshot } from './read.ts'
import { filtersOf, reasonWords } from './rules.ts'
import { type Split, splitOf } from './split.ts'

export interface NewSnapshot {
  project: string
  name?: string
  kind: DatasetKind
  filters?: FiltersInput
  roundId?: string
  /** undefined: the system, or whoever `actor` names. */
  createdBy?: string
  actor?: string
  /** A job's own: what an earlier try of it left is thrown away. */
  id?: string
}

interface Watch {
  signal?: AbortSignal
  progress?(rows: number, note: string): void
}

/** A draft that nobody has finished for so long was left by a process that died. */
const abandonedHours = 24

async function dropDraft(db: Db, snapshot: string): Promise<void> {
  await sql`
    WITH gone AS (DELETE FROM snapshot_rows WHERE snapshot_id = ${snapshot})
    DELETE FROM snapshots WHERE id = ${snapshot} AND hash IS NULL`.execute(db)
}

export const isNameTaken = async (db: Db, project: string, name: string): Promise<boolean> =>
  (await first(db, sql`SELECT 1 FROM snapshots WHERE project_id = ${project} AND name = ${name}`)) !== undefined

/** Notes the snapshot under a name of its own; without one it is the next of its kind. */
async function begin(db: Db, wanted: NewSnapshot, filters: Filters, at: Date): Promise<string> {
  const { project, kind, name } = wanted
  const id = wanted.id ?? newId()
  const abandoned = await all(
    db,
    sql<{ id: string }>`
      SELECT id FROM snapshots WHERE project_id = ${project} AND hash IS NULL
        AND (id = ${id} OR created_at < ${at}::timestamptz - make_interval(hours => ${abandonedHours}))`,
  )
  for (const draft of abandoned) await dropDraft(db, draft.id)
  const { n } = await one(
    db,
    sql<{ n: number }>`SELECT count(*) AS n FROM snapshots WHERE project_id = ${project} AND kind = ${kind}`,
  )
  for (let number = n + 1; ; number++) {
    const row = await first(
      db,
      sql`
        INSERT INTO snapshots (id, project_id, name, kind, filters, round_id, created_by, created_at)
        VALUES (${id}, ${project}, ${name ?? `${kind}-${number}`}, ${kind}, ${json(filters)}, ${wanted.roundId ?? null},
          ${wanted.createdBy ?? null}, ${at})
        ON CONFLICT (project_id, name) DO NOTHING RETURNING id`,
    )
    if (row) return id
    if (name !== undefined)
      fail('conflict', `There is a dataset with the name "${name}" already.`, {
        where: 'name',
        hint: 'Take another name.',
      })
  }
}

/**
 * Writes rows whose texts are all there, and differ; returns how many. The digest of a row that is half one and half the
 * other is the same whichever stands first.
 */
async function write(db: Db, snapshot: string, from: number, drafts: Draft[], test: Set<string>): Promise<number> {
  const column = <K extends keyof Draft>(name: K) => drafts.map((draft) => draft[name])
  const { n } = await one(
    db,
    sql<{ n: number }>`
      WITH drafts AS (
        SELECT d.*, f.digest AS prompt_digest, sha256(convert_to(c.text, 'UTF8')) AS c, sha256(convert_to(r.text, 'UTF8')) AS r
        FROM unnest(${column('prompt')}::uuid[], ${column('message')}::uuid[], ${drafts.map(({ prompt }) => (test.has(prompt) ? 'test' : 'train'))}::text[],
          ${column('chosen')}::uuid[], ${column('rejected')}::uuid[], ${column('margin')}::real[], ${column('soft')}::real[],
          ${drafts.map(({ annotations }) => `{${annotations}}`)}::text[],
          ${drafts.map(({ margin, soft }) => `${margin} ${soft}`)}::text[]) WITH ORDINALITY
          AS d(prompt, message, split, chosen, rejected, margin, soft, annotations, label, place)
        JOIN prompt_prints f ON f.prompt_id = d.prompt
        JOIN messages c ON c.id = d.chosen AND c.text IS NOT NULL
        LEFT JOIN messages r ON r.id = d.rejected
        WHERE d.rejected IS NULL OR (r.text IS NOT NULL AND r.text <> c.text)),
      written AS (
        INSERT INTO snapshot_rows (snapshot_id, row, split, prompt_id, message_id, chosen, rejected, margin, soft, annotations, digest)
        SELECT ${snapshot}::uuid, ${from}::int + row_number() OVER (ORDER BY place), split, prompt, message, chosen, rejected, margin,
          soft, annotations::uuid[], sha256(prompt_digest
            || CASE WHEN soft = 0.5 THEN least(c, r) || greatest(c, r) ELSE c || coalesce(r, ''::bytea) END
            || convert_to(split || ' ' || label, 'UTF8'))
        FROM drafts RETURNING 1)
      SELECT count(*) AS n FROM written`,
  )
  return n
}

interface Filled {
  facts: Facts
  split: Split
}

async function fill(db: Db, snapshot: string, wanted: NewSnapshot, filters: Filters, watch: Watch): Promise<Filled> {
  const { project, kind } = wanted
  watch.progress?.(0, 'Reading prompts')
  await printPrompts(db, project, { signal: watch.signal })
  return reading(db, async (source) => {
    watch.progress?.(0, 'Finding prompts that are alike')
    const split = await splitOf(source, project, filters.split)
    const facts = noFacts()
    const keep = async (drafts: Draft[], from: number) => {
      const written = await write(db, snapshot, from, drafts, split.test)
      facts.leftOut.noText += drafts.length - written
      facts.rows += written
      watch.progress?.(facts.rows, `${facts.rows} rows`)
    }
    await overlapped(draftsOf(source, project, kind, filters, facts), keep, watch.signal)
    return { facts, split }
  })
}

/** One page is written while the next is read. `from`: how many came before it. */
async function overlapped<T>(
  pages: AsyncIterable<T[]>,
  keep: (page: T[], from: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let writing = Promise.resolve()
  let from = 0
  try {
    for await (const page of pages) {
      signal?.throwIfAborted()
      await writing
      if (page.length === 0) continue
      writing = keep(page, from)
      // Awaited below in any case; until then a failure must not count as one that nobody handles.
      writing.catch(() => {})
      from += page.length
    }
  } finally {
    await writing
  }
}

/** Gives a filled draft its hash, its counts and its card. */
async function finish(
  db: Db,
  snapshot: string,
  wanted: NewSnapshot,
  filters: Filters,
  { facts, split }: Filled,
  at: Date,
) {
  const { project, kind, createdBy, actor = createdBy ?? 'system' } = wanted
  const counts = await countsOf(db, snapshot, facts, split)
  const act = async (trx: Db) => {
    const { name, hash } = await one(
      trx,
      sql<{ name: string; hash: Buffer }>`
        SELECT s.name, sha256(convert_to(${canonicalJson({ kind, filters })}, 'UTF8')
          || coalesce((SELECT string_agg(digest, ''::bytea ORDER BY digest) FROM snapshot_rows WHERE snapshot_id = s.id), ''::bytea)) AS hash
        FROM snapshots s WHERE s.id = ${snapshot}`,
    )
    const card = cardOf({ name, kind, filters, counts, hash: hash.toString('hex'), at })
    await sql`
      UPDATE snapshots SET hash = ${hash}, counts = ${json(counts)}, card = ${card} WHERE id = ${snapshot}`.execute(trx)
    const after = { kind, filters, hash: hash.toString('hex'), rows: counts.rows }
    await recordAudit(trx, [{ actor, action: 'dataset.take', subject: `snapshot ${snapshot}`, project, after }], at)
    await emit(trx, { project, kind: 'dataset.taken', subject: snapshot, data: { rows: counts.rows } })
  }
  await (db.isTransaction ? act(db) : inTransaction(db, act))
}

/** Takes a snapshot of what people said; one without a single row is refused. */
export async function takeSnapshot(db: Db, wanted: NewSnapshot, at: Date, watch: Watch = {}): Promise<Snapshot> {
  const filters = filtersOf(wanted.kind, wanted.filters)
  const snapshot = await begin(db, wanted, filters, at)
  try {
    const filled = await fill(db, snapshot, wanted, filters, watch)
    if (filled.facts.rows === 0) refuseEmpty(wanted.kind, filled.facts)
    await finish(db, snapshot, wanted, filters, filled, at)
  } catch (error) {
    // A caller's transaction takes everything back by itself.
    if (!db.isTransaction) await dropDraft(db, snapshot)
    throw error
  }
  return (await findSnapshot(db, wanted.project, snapshot))!
}

function refuseEmpty(kind: DatasetKind, { leftOut }: Facts): never {
  const left = Object.entries(leftOut).filter(([, n]) => n > 0)
  return fail('bad_input', 'No row is left for this dataset.', {
    where: 'filters',
    hint: left.length
      ? `Left out: ${left.map(([reason, n]) => `${n} ${reasonWords[reason as keyof typeof reasonWords]}`).join(', ')}.`
      : kind === 'preference'
        ? 'No judgement passes these filters. Imported ones enter only where `sources` names them; evaluation and gold never.'
        : 'There is no response that a person wrote or that was imported and that these filters let through.',
  })
}
