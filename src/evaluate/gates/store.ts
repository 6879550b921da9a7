/** SQL of gates and promotions. */
import { sql } from 'kysely'
import { kindOf } from '../../collect/kinds/index.ts'
import { all, type Db, first, json, one } from '../../platform/sql.ts'
import { type GateSettings, settings } from '../../projects/contract.ts'
import type { Probed } from '../head-to-head/measured.ts'
import type { Gate, Promotion } from './contract.ts'
import type { Checked } from './rules.ts'

export const gateSettingsOf = async (db: Db, project: string): Promise<GateSettings> =>
  settings.parse(
    (await one(db, sql<{ settings: unknown }>`SELECT settings FROM projects WHERE id = ${project}`)).settings,
  ).gates

/** The name of the first of these policies that was changed in what it answers after a moment; undefined: none. */
export const changedSince = async (db: Db, policies: string[], at: Date): Promise<string | undefined> =>
  (
    await first(
      db,
      sql<{ name: string }>`
        SELECT name FROM policies WHERE id = ANY(${policies}::uuid[]) AND changed_at > ${at} ORDER BY name LIMIT 1`,
    )
  )?.name

/** What each reward said of the answers and of junk: by reward, then by prompt. */
export async function probesOf(db: Db, headToHead: string): Promise<Map<string, Map<string, Probed>>> {
  const rows = await all(
    db,
    sql<{ reward: string; prompt: string; probed: Omit<Probed, 'prompt'> }>`
      SELECT e.key AS reward, p.prompt_id AS prompt, e.value AS probed
      FROM head_to_head_pairs p CROSS JOIN LATERAL jsonb_each(p.probes) AS e WHERE p.head_to_head_id = ${headToHead}`,
  )
  const byReward = new Map<string, Map<string, Probed>>()
  for (const { reward, prompt, probed } of rows) {
    const own = byReward.get(reward) ?? new Map<string, Probed>()
    byReward.set(reward, own.set(prompt, { prompt, ...probed }))
  }
  return byReward
}

/** The attribute under which a kind votes on violations: `none`, or the name of the rule that was broken. */
const violation = 'violation'

/** Answers of the candidate that people looked at for violations, in whichever task they did. */
export async function checkedOf(
  db: Db,
  project: string,
  messages: string[],
  withoutPeople: string[],
): Promise<Checked[]> {
  const rows = await all(
    db,
    sql<{ kind: string; targets: string[]; payload: unknown }>`
      SELECT a.kind, a.targets, a.payload FROM unnest(${messages}::uuid[]) AS m(id)
      JOIN annotations_in_force a ON a.project_id = ${project} AND a.targets = ARRAY[m.id] AND a.source = 'person'
      WHERE a.person_id <> ALL(${withoutPeople}::uuid[])`,
  )
  const byMessage = new Map<string, Checked>()
  for (const { kind, targets, payload } of rows) {
    const votes = kindOf(kind)
      .votes({ payload, targets })
      .filter(({ attribute }) => attribute === violation)
    if (!votes.length) continue
    const { people, violations } = byMessage.get(targets[0]!) ?? { people: 0, violations: 0 }
    const isFound = votes.some(({ label }) => label !== 'none')
    byMessage.set(targets[0]!, { people: people + 1, violations: violations + Number(isFound) })
  }
  return [...byMessage.values()]
}

interface NewPromotion {
  id: string
  project: string
  policy: string
  headToHead: string | null
  gates: Gate[]
  override: string | null
  by: string | null
  at: Date
}

export const addPromotion = (trx: Db, p: NewPromotion) =>
  sql`
    INSERT INTO promotions (id, project_id, policy_id, head_to_head_id, gates, override, promoted_by, at)
    VALUES (${p.id}, ${p.project}, ${p.policy}, ${p.headToHead}, ${json(p.gates)}, ${p.override}, ${p.by}, ${p.at})`.execute(
    trx,
  )

/** The newest first; `after`: below this id. */
export async function listPromotions(
  db: Db,
  project: string,
  { after, limit, policy }: { after?: string; limit: number; policy?: string },
): Promise<Promotion[]> {
  const rows = await all(
    db,
    sql<Omit<Promotion, 'at'> & { at: Date }>`
      SELECT p.id, json_build_object('id', o.id, 'name', o.name, 'checkpoint', o.checkpoint_id) AS policy,
        p.head_to_head_id AS "headToHead", p.gates, p.override, w.name AS by, p.at,
        NOT EXISTS (SELECT 1 FROM promotions n WHERE n.project_id = p.project_id AND n.id > p.id) AS "inForce"
      FROM promotions p JOIN policies o ON o.id = p.policy_id LEFT JOIN people w ON w.id = p.promoted_by
      WHERE p.project_id = ${project} AND ${after ? sql`p.id < ${after}::uuid` : sql`true`}
        AND ${policy ? sql`p.policy_id = ${policy}` : sql`true`} ORDER BY p.id DESC LIMIT ${limit}`,
  )
  return rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }))
}

/** One promotion at a time: the second sees what the first has done. */
export const lockProject = (trx: Db, project: string) =>
  first(trx, sql`SELECT 1 FROM projects WHERE id = ${project} FOR NO KEY UPDATE`)
