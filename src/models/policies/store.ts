/** SQL of policies. */
import { sql } from 'kysely'
import { newId } from '../../platform/ids.ts'
import { all, type Db, first, json } from '../../platform/sql.ts'
import type { Parameters, Policy, Price } from './contract.ts'

/** A policy with its sealed key, for those who call it. */
export interface StoredPolicy extends Policy {
  project: string
  secret: Buffer | null
}

interface Row {
  id: string
  project_id: string
  name: string
  kind: Policy['kind']
  url: string | null
  model: string
  checkpoint_id: string | null
  secret: Buffer | null
  parameters: Parameters
  price: Price
  archived_at: Date | null
  created_at: Date
}
const columns = sql`id, project_id, name, kind, url, model, checkpoint_id, secret, parameters, price, archived_at, created_at`

const toStored = (row: Row): StoredPolicy => ({
  id: row.id,
  project: row.project_id,
  name: row.name,
  kind: row.kind,
  url: row.url,
  model: row.model,
  checkpointId: row.checkpoint_id,
  hasKey: row.secret !== null,
  parameters: row.parameters,
  price: row.price,
  archived: row.archived_at !== null,
  createdAt: row.created_at.toISOString(),
  secret: row.secret,
})

/** What may be shown. */
export const shown = ({ secret: _, project: __, ...policy }: StoredPolicy): Policy => policy

export const listPolicies = async (db: Db, project: string): Promise<StoredPolicy[]> =>
  (
    await all(
      db,
      sql<Row>`SELECT ${columns} FROM policies WHERE project_id = ${project} ORDER BY archived_at IS NOT NULL, name`,
    )
  ).map(toStored)

export async function findPolicy(db: Db, project: string, id: string, lock = false): Promise<StoredPolicy | undefined> {
  const row = await first(
    db,
    sql<Row>`SELECT ${columns} FROM policies WHERE id = ${id} AND project_id = ${project} ${lock ? sql`FOR UPDATE` : sql``}`,
  )
  return row && toStored(row)
}

interface NewPolicy {
  name: string
  kind: Policy['kind']
  url: string | null
  model: string
  /** Of a policy of kind checkpoint. */
  checkpointId?: string
  secret: Buffer | null
  parameters: Parameters
  price: Price
}

export async function addPolicy(trx: Db, project: string, policy: NewPolicy): Promise<string> {
  const id = newId()
  await sql`
    INSERT INTO policies (id, project_id, name, kind, url, model, checkpoint_id, secret, parameters, price)
    VALUES (${id}, ${project}, ${policy.name}, ${policy.kind}, ${policy.url}, ${policy.model}, ${policy.checkpointId ?? null},
      ${policy.secret}, ${json(policy.parameters)}, ${json(policy.price)})`.execute(trx)
  return id
}

/** Remembers `at` where it answers otherwise from then on. */
export const changePolicy = (trx: Db, id: string, policy: Omit<NewPolicy, 'kind' | 'checkpointId'>, at: Date) =>
  sql`
    UPDATE policies SET name = ${policy.name}, url = ${policy.url}, model = ${policy.model}, secret = ${policy.secret},
      parameters = ${json(policy.parameters)}, price = ${json(policy.price)},
      changed_at = CASE WHEN (url, model, parameters) IS DISTINCT FROM (${policy.url}::text, ${policy.model}::text, ${json(policy.parameters)})
        THEN ${at}::timestamptz ELSE changed_at END
    WHERE id = ${id}`.execute(trx)

export const setPolicyArchived = (trx: Db, id: string, at: Date | null) =>
  sql`UPDATE policies SET archived_at = ${at} WHERE id = ${id}`.execute(trx)
