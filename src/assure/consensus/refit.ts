/**
 * Learns from all of a project's votes how reliable people are, and weighs every vote by it. Answers are weighed by the last fit as
 * they come; the next one begins soon after, and never takes more than a tenth of the time: it costs what the whole project holds.
 * The outcome is a function of the annotations alone, whatever was fitted before.
 */
import { sql } from 'kysely'
import { kindOf } from '../../collect/kinds/index.ts'
import { belowEveryId } from '../../platform/ids.ts'
import { all, type Db, first, inTransaction } from '../../platform/sql.ts'
import { countsOf, type Judged } from './rules.ts'
import { fitVotes, type Model, type Swapped, softLabelOf, type Vote } from './truth.ts'

/** Votes on one attribute by targets. */
interface Group {
  step: string
  attribute: string
  swapped: Swapped
  items: Map<string, Vote[]>
}

const pageSize = 5000

/** All votes in force of a project, each person's last one. */
async function groupsOf(db: Db, project: string): Promise<Group[]> {
  const groups = new Map<string, Group>()
  const words = new Map<string, string>()
  /** One text for the same word: a million votes name few people and labels. */
  const one = (word: string) => {
    const known = words.get(word)
    if (known === undefined) words.set(word, word)
    return known ?? word
  }
  for (let after = belowEveryId; ; ) {
    const page = await all(
      db,
      sql<Judged & { id: string; person: string }>`
        SELECT a.id, a.person_id AS person, a.step, a.kind, a.targets, a.payload FROM annotations_in_force a
        WHERE a.project_id = ${project} AND a.source = 'person' AND a.id > ${after}::uuid ORDER BY a.id LIMIT ${pageSize}`,
    )
    for (const { person, step, kind, targets, payload } of page) {
      const rules = kindOf(kind)
      for (const { attribute, label } of rules.votes({ payload, targets })) {
        const key = JSON.stringify([step, attribute])
        const group: Group = groups.get(key) ?? { step, attribute, swapped: {}, items: new Map() }
        groups.set(key, group)
        Object.assign(group.swapped, rules.swapped)
        const item = one(String(targets))
        const votes: Vote[] | undefined = group.items.get(item)
        const earlier = votes?.find((vote) => vote.person === person)
        if (earlier) earlier.label = one(label)
        else if (votes) votes.push({ person: one(person), label: one(label) })
        else group.items.set(item, [{ person: one(person), label: one(label) }])
      }
    }
    const last = page.at(-1)
    if (!last) return [...groups.values()]
    after = last.id
  }
}

export const forgetModels = (trx: Db, project: string) =>
  sql`DELETE FROM consensus_models WHERE project_id = ${project}`.execute(trx)

type Fit = Group & { fit: ReturnType<typeof fitVotes> }

async function writeModels(trx: Db, project: string, fits: Fit[]): Promise<void> {
  await forgetModels(trx, project)
  for (const { step, attribute, fit } of fits) {
    if (!fit) continue
    const { model, shared } = fit
    await sql`
      INSERT INTO consensus_models (project_id, step, attribute, labels, prior, answers)
      VALUES (${project}, ${step}, ${attribute}, ${model.labels}::text[], ${model.prior}::double precision[], ${shared?.table.label.length ?? 0})`.execute(
      trx,
    )
    if (!shared) continue
    const { accuracy, low, high, labels } = shared.fitted.quality
    const people = shared.table.workerNames.map((person, w) => ({
      person,
      answer: model.people.get(person),
      accuracy: accuracy[w],
      low: low[w],
      high: high[w],
      answers: labels[w],
    }))
    await sql`
      INSERT INTO consensus_people (project_id, step, attribute, person_id, answer, accuracy, low, high, answers)
      SELECT ${project}, ${step}, ${attribute}, r.person,
        ARRAY(SELECT value::double precision FROM jsonb_array_elements_text(r.answer) WITH ORDINALITY v(value, at) ORDER BY at),
        r.accuracy, r.low, r.high, r.answers
      FROM jsonb_to_recordset(${JSON.stringify(people)}::jsonb) AS r(person uuid, answer jsonb, accuracy double precision,
        low double precision, high double precision, answers int)`.execute(trx)
  }
}

const rowsAtOnce = 1000

/** Rows whose votes have changed meanwhile are left to the next fit; those that come out the same are not written. */
async function writeLabels(db: Db, project: string, { step, attribute, items, fit }: Fit): Promise<void> {
  const all = [...items]
  for (let from = 0; from < all.length; from += rowsAtOnce) {
    const rows = all.slice(from, from + rowsAtOnce).map(([targets, votes]) => ({
      targets: `{${targets}}`,
      counts: countsOf(votes),
      ...softLabelOf(votes, fit?.model),
    }))
    await sql`
      UPDATE consensus c SET soft = r.soft, label = r.label
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(targets text, counts jsonb, soft jsonb, label text)
      WHERE c.project_id = ${project} AND c.targets = r.targets::uuid[] AND c.step = ${step} AND c.attribute = ${attribute}
        AND c.counts = r.counts AND (c.soft, c.label) IS DISTINCT FROM (r.soft, r.label)`.execute(db)
  }
}

const fitsOf = async (db: Db, project: string): Promise<Fit[]> =>
  (await groupsOf(db, project)).map((group) => ({ ...group, fit: fitVotes(group.items, group.swapped) }))

/** Fits inside the caller's transaction. */
export async function refitIn(trx: Db, project: string): Promise<void> {
  const fits = await fitsOf(trx, project)
  await writeModels(trx, project, fits)
  for (const fit of fits) await writeLabels(trx, project, fit)
}

const due = sql`changed > fitted AND (claimed_until IS NULL OR claimed_until < now())
  AND (fitted_at IS NULL OR fitted_at + took_ms * interval '10 milliseconds' < now())`

/** Whether some project has changed since its last fit and may be fitted again. */
export const isRefitDue = async (db: Db): Promise<boolean> =>
  (await first(db, sql`SELECT 1 FROM consensus_fits WHERE ${due} LIMIT 1`)) !== undefined

/** Fits the project that has waited longest; answers whether there was one. */
export async function refitNext(db: Db): Promise<boolean> {
  const begun = performance.now()
  const claimed = await first(
    db,
    sql<{ project: string; changed: number }>`
      UPDATE consensus_fits SET claimed_until = now() + interval '10 minutes'
      WHERE project_id = (SELECT project_id FROM consensus_fits WHERE ${due}
        ORDER BY fitted_at NULLS FIRST, project_id LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING project_id AS project, changed`,
  )
  if (!claimed) return false
  const { project, changed } = claimed
  const fits = await fitsOf(db, project)
  await inTransaction(db, (trx) => writeModels(trx, project, fits))
  for (const fit of fits) await writeLabels(db, project, fit)
  await sql`
    UPDATE consensus_fits SET fitted = ${changed}, fitted_at = now(), took_ms = ${Math.round(performance.now() - begun)},
      claimed_until = NULL WHERE project_id = ${project}`.execute(db)
  return true
}

/** What a project has taught of these people so far, by step and attribute. */
export async function modelsOf(
  db: Db,
  project: string,
  people: string[],
): Promise<(step: string, attribute: string) => Model | undefined> {
  const rows = await all(
    db,
    sql<{
      step: string
      attribute: string
      labels: string[]
      prior: number[]
      people: Record<string, number[]> | null
    }>`
      SELECT m.step, m.attribute, m.labels, m.prior,
        (SELECT jsonb_object_agg(p.person_id, to_jsonb(p.answer)) FROM consensus_people p
          WHERE (p.project_id, p.step, p.attribute) = (m.project_id, m.step, m.attribute) AND p.person_id = ANY(${people}::uuid[])) AS people
      FROM consensus_models m WHERE m.project_id = ${project}`,
  )
  const models = new Map(
    rows.map(({ step, attribute, people, ...model }) => [
      JSON.stringify([step, attribute]),
      { ...model, people: new Map(Object.entries(people ?? {})) },
    ]),
  )
  return (step, attribute) => models.get(JSON.stringify([step, attribute]))
}
