/** SQL of checkpoints. */
import { sql } from 'kysely'
import { newId } from '../../platform/ids.ts'
import { all, type Db, first, json, one } from '../../platform/sql.ts'
import { catalogued } from '../catalogue.ts'
import { addPolicy } from '../policies/store.ts'
import type { CheckpointView, Facts } from './contract.ts'
import { placeOf } from './files.ts'

/** A checkpoint with what only the server needs to know. */
export interface Checkpoint extends CheckpointView {
  project: string
  /** Of a folder or a GGUF file, below the data folder; see `folderOf`. */
  path: string
}

interface Row extends Omit<Checkpoint, 'hash' | 'archived' | 'createdAt'> {
  hash: Buffer
  archived_at: Date | null
  created_at: Date
}
const columns = sql`
  c.id, c.project_id AS project, c.name, c.head, c.path, c.base, c.base_id AS "baseId", c.run_id AS run,
  (SELECT p.id FROM policies p WHERE p.checkpoint_id = c.id ORDER BY p.id LIMIT 1) AS policy,
  c.parameters, c.bytes, c.hash, c.facts, c.archived_at, c.created_at`

const toCheckpoint = ({ hash, archived_at, created_at, ...row }: Row): Checkpoint => ({
  ...row,
  hash: hash.toString('hex'),
  archived: archived_at !== null,
  createdAt: created_at.toISOString(),
})

/** What may be shown. */
export const shown = ({ project: _, path: __, ...checkpoint }: Checkpoint): CheckpointView => checkpoint

/** Newest first. */
export const listCheckpoints = async (db: Db, project: string): Promise<Checkpoint[]> =>
  (
    await all(db, sql<Row>`SELECT ${columns} FROM checkpoints c WHERE c.project_id = ${project} ORDER BY c.id DESC`)
  ).map(toCheckpoint)

/** By its id or its name in the project; those put away are found too. */
export async function findCheckpoint(db: Db, project: string, idOrName: string): Promise<Checkpoint | undefined> {
  const row = await first(
    db,
    sql<Row>`
      SELECT ${columns} FROM checkpoints c WHERE c.project_id = ${project} AND (c.id::text = ${idOrName} OR c.name = ${idOrName})
      ORDER BY c.id::text = ${idOrName} DESC LIMIT 1`,
  )
  return row && toCheckpoint(row)
}

/**
 * Those of all projects, or of some. A name stands for the id, the name, or `project/name`; an id for itself alone.
 */
export async function findCheckpoints(
  db: Db,
  { name, projects }: { name?: string; projects?: readonly string[] } = {},
): Promise<(Checkpoint & { projectName: string })[]> {
  const rows = await all(
    db,
    sql<Row & { projectName: string }>`
      SELECT ${columns}, p.name AS "projectName" FROM checkpoints c JOIN projects p ON p.id = c.project_id
      WHERE ${projects ? sql`c.project_id = ANY(${projects}::uuid[])` : sql`true`}
        AND ${name === undefined ? sql`true` : sql`${name} IN (c.id::text, c.name, p.name || '/' || c.name)`}
      ORDER BY p.name, c.id DESC`,
  )
  const exact = rows.filter(({ id }) => id === name)
  return (exact.length ? exact : rows).map((row) => ({ ...toCheckpoint(row), projectName: row.projectName }))
}

/** What was trained from it. */
export const childrenOf = (db: Db, id: string): Promise<{ id: string; name: string }[]> =>
  all(db, sql`SELECT id, name FROM checkpoints WHERE base_id = ${id} ORDER BY id`)

/** Its policy goes and comes with it. */
export async function setCheckpointArchived(trx: Db, id: string, at: Date | null): Promise<void> {
  await sql`UPDATE checkpoints SET archived_at = ${at} WHERE id = ${id}`.execute(trx)
  await sql`UPDATE policies SET archived_at = ${at} WHERE checkpoint_id = ${id}`.execute(trx)
}

/** Whether a checkpoint or a policy of the project has that name. */
export const isTaken = async (db: Db, project: string, name: string): Promise<boolean> =>
  (await first(
    db,
    sql`SELECT 1 FROM checkpoints WHERE project_id = ${project} AND name = ${name}
      UNION ALL SELECT 1 FROM policies WHERE project_id = ${project} AND name = ${name}`,
  )) !== undefined

export interface NewCheckpoint {
  /** Where the caller has named its folder after it already. */
  id?: string
  project: string
  /** Where it is taken, by a checkpoint or a policy, a number is put behind it. */
  name: string
  head: 'lm' | 'scalar'
  /** Below the data folder; `models/ID` unless told. */
  path?: string
  base: string
  baseId?: string | null
  runId?: string | null
  parameters: number
  bytes: number
  hash: Buffer
  facts?: Facts
}

/** A name that neither a checkpoint nor a policy of the project has. Whoever chooses one waits for the one before. */
async function freeName(trx: Db, project: string, name: string): Promise<string> {
  await sql`SELECT 1 FROM projects WHERE id = ${project} FOR NO KEY UPDATE`.execute(trx)
  const { free } = await one(
    trx,
    sql<{ free: string }>`
      SELECT candidate AS free FROM (
        SELECT n, CASE n WHEN 1 THEN ${name}::text ELSE ${name}::text || '-' || n END AS candidate FROM generate_series(1, 10000) AS n) c
      WHERE candidate NOT IN (SELECT name FROM checkpoints WHERE project_id = ${project} UNION ALL
        SELECT name FROM policies WHERE project_id = ${project})
      ORDER BY n LIMIT 1`,
  )
  return free
}

/** A model inherits the licence of what it was trained from. */
async function licenceOf(trx: Db, { base, baseId }: NewCheckpoint): Promise<string | undefined> {
  if (!baseId) return catalogued(base)?.licence
  const { licence } = await one(
    trx,
    sql<{ licence: string | null }>`SELECT facts ->> 'licence' AS licence FROM checkpoints WHERE id = ${baseId}`,
  )
  return licence ?? undefined
}

/** Notes a model whose files lie in their place; one that answers is at once a policy of the project. */
export async function registerCheckpoint(
  trx: Db,
  given: NewCheckpoint,
): Promise<{ checkpoint: string; policy: string | null; name: string }> {
  const { id = newId(), project, head, path = placeOf(id), base, baseId = null, runId = null } = given
  const name = await freeName(trx, project, given.name)
  const facts = { licence: await licenceOf(trx, given), ...given.facts }
  await sql`
    INSERT INTO checkpoints (id, project_id, name, head, path, base, base_id, run_id, parameters, bytes, hash, facts)
    VALUES (${id}, ${project}, ${name}, ${head}, ${path}, ${base}, ${baseId}, ${runId}, ${given.parameters}, ${given.bytes},
      ${given.hash}, ${json(facts)})`.execute(trx)
  if (head === 'scalar') return { checkpoint: id, policy: null, name }
  const policy = await addPolicy(trx, project, {
    name,
    kind: 'checkpoint',
    url: null,
    model: name,
    checkpointId: id,
    secret: null,
    parameters: {},
    price: {},
  })
  return { checkpoint: id, policy, name }
}
