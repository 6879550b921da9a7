/**
 * Keeps the reward beside the annotations. State is a fold over `reward_pairs`: rows in the order of the event log, a
 * snapshot of the model now and then, and in memory what a process learned last. An answer that no longer counts, or
 * counts again (also because its task became gold), changes its row; learning then goes on from the last snapshot before
 * it, over everything that came after.
 */
import { sql } from 'kysely'
import type { Event, Follower } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { all, type Db, first, inTransaction, one } from '../../platform/sql.ts'
import { decodeModel, encodeModel } from './model.ts'
import {
  type Answer,
  type Expected,
  isSnapshotDue,
  judgedPairs,
  type Learner,
  type Lesson,
  newLearner,
  superfluous,
  teach,
  trainingPurposes,
} from './rules.ts'

/** So many pairs are learned before others have their turn on this thread: some milliseconds. */
const pageSize = 100

/**
 * Whether an annotation stands and its task is of a purpose that trains. Asked of each row by itself: for EXISTS the
 * planner may gather all that is in force first.
 */
const inForce = (annotation: string) => sql`(
  (SELECT (SELECT t.purpose FROM assignments g JOIN tasks t ON t.id = g.task_id WHERE g.id = f.assignment_id)
    = ANY(${trainingPurposes}) FROM annotations_in_force f WHERE f.id = ${sql.ref(annotation)}) IS TRUE)`

interface Head {
  revision: string
  seq: number
}

async function lockHead(trx: Db, project: string): Promise<Head> {
  const lock = sql<Head>`SELECT revision, seq FROM reward_state WHERE project_id = ${project} FOR UPDATE`
  const head = await first(trx, lock)
  if (head) return head
  await sql`INSERT INTO reward_state (project_id, revision) VALUES (${project}, ${newId()}) ON CONFLICT DO NOTHING`.execute(
    trx,
  )
  return one(trx, lock)
}

/** Marks rows whose answer has come to count or ceased to; returns the first place that changed. */
async function refreshForce(trx: Db, tasks: string[]): Promise<number | undefined> {
  const changed = await all(
    trx,
    sql<{ seq: number }>`
      UPDATE reward_pairs p SET in_force = NOT in_force
      WHERE task_id = ANY(${tasks}::uuid[]) AND in_force <> ${inForce('p.annotation_id')}
      RETURNING seq`,
  )
  return changed.length ? Math.min(...changed.map(({ seq }) => seq)) : undefined
}

/** Adds the pairs of submissions in their order; returns the place of the last. What does not count keeps its place too. */
async function append(trx: Db, project: string, submissions: string[], after: number): Promise<number> {
  const answers = await all(
    trx,
    sql<Answer & { id: string; task: string; inForce: boolean }>`
      SELECT a.id, a.task_id AS task, a.kind, a.targets, a.payload, a.shown->'order' AS "order", ${inForce('a.id')} AS "inForce"
      FROM unnest(${submissions}::uuid[]) WITH ORDINALITY AS s(id, place)
      -- OFFSET 0: each is looked up, whatever the planner believes of the tables.
      CROSS JOIN LATERAL (SELECT * FROM annotations n WHERE n.submission_id = s.id OFFSET 0) a
      ORDER BY s.place, a.id`,
  )
  const rows = answers
    .flatMap((answer) =>
      judgedPairs(answer).map((pair) => ({
        ...pair,
        annotation: answer.id,
        task: answer.task,
        in_force: answer.inForce,
      })),
    )
    .map((row, i) => ({ ...row, seq: after + 1 + i }))
  if (rows.length === 0) return after
  await sql`
    INSERT INTO reward_pairs (project_id, seq, annotation_id, task_id, first, second, outcome, first_on_left, in_force)
    SELECT ${project}, r.seq, r.annotation, r.task, r.first, r.second, r.outcome, r."firstOnLeft", r.in_force
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(seq int, annotation uuid, task uuid, first uuid, second uuid,
      outcome real, "firstOnLeft" boolean, in_force boolean)`.execute(trx)
  return after + rows.length
}

type Row = Lesson & { fresh: boolean; task: string }

/** The next page, cut before it is joined. An erased text has no words: nothing more is learned of it. */
const lessonsAfter = (db: Db, project: string, seq: number): Promise<Row[]> =>
  all(
    db,
    sql<Row>`
      SELECT p.seq, p.task_id AS task, p.outcome, p.first_on_left AS "firstOnLeft", coalesce(a.text, '') AS "firstText",
        coalesce(b.text, '') AS "secondText",
        NOT EXISTS (
          SELECT 1 FROM reward_pairs e WHERE e.project_id = p.project_id AND e.seq < p.seq AND e.in_force
            AND least(e.first, e.second) = least(p.first, p.second)
            AND greatest(e.first, e.second) = greatest(p.first, p.second)) AS fresh
      FROM (
        SELECT * FROM reward_pairs WHERE project_id = ${project} AND in_force AND seq > ${seq}::int
        ORDER BY seq LIMIT ${pageSize}) p
      LEFT JOIN messages a ON a.id = p.first LEFT JOIN messages b ON b.id = p.second ORDER BY p.seq`,
  )

const note = (trx: Db, project: string, rows: (Expected & { fresh: boolean })[]) =>
  sql`
    UPDATE reward_pairs p SET fresh = r.fresh, predicted = r.predicted, deviation = r.deviation, by_length = r."byLength",
      by_side = r."bySide"
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(seq int, fresh boolean, predicted double precision,
      deviation real, "byLength" real, "bySide" real)
    WHERE p.project_id = ${project} AND p.seq = r.seq`.execute(trx)

/** Learns all pairs in force after the learner's own place, in place; those of some tasks not at all. */
async function learnOn(
  db: Db,
  project: string,
  learner: Learner,
  after: (learned: (Expected & { fresh: boolean })[]) => Promise<unknown> = async () => {},
  except?: ReadonlySet<string>,
): Promise<Learner> {
  for (;;) {
    const page = await lessonsAfter(db, project, learner.seq)
    const lessons = except ? page.filter(({ task }) => !except.has(task)) : page
    if (lessons.length) await after(lessons.map((lesson) => ({ ...teach(learner, lesson), fresh: lesson.fresh })))
    learner.seq = page.at(-1)?.seq ?? learner.seq
    if (page.length < pageSize) return learner
  }
}

/** The newest snapshot at or before a place; without one, a learner that knows nothing. */
async function snapshotAt(db: Db, project: string, seq: number): Promise<Learner> {
  const row = await first(
    db,
    sql<Omit<Learner, 'model'> & { model: Buffer }>`
      SELECT seq, seq AS kept, lefts, rights, model FROM reward_snapshots WHERE project_id = ${project} AND seq <= ${seq}::int
      ORDER BY seq DESC LIMIT 1`,
  )
  return row ? { ...row, model: decodeModel(row.model) } : newLearner()
}

async function keepSnapshot(trx: Db, project: string, learner: Learner, head: number): Promise<void> {
  const { seq, lefts, rights, model } = learner
  learner.kept = seq
  await sql`
    INSERT INTO reward_snapshots (project_id, seq, lefts, rights, model)
    VALUES (${project}, ${seq}, ${lefts}, ${rights}, ${encodeModel(model)})`.execute(trx)
  const rows = await all(
    trx,
    sql<{ seq: number }>`SELECT seq FROM reward_snapshots WHERE project_id = ${project} ORDER BY seq`,
  )
  const gone = superfluous(
    rows.map((row) => row.seq),
    head,
  )
  if (gone.length)
    await sql`DELETE FROM reward_snapshots WHERE project_id = ${project} AND seq = ANY(${gone}::int[])`.execute(trx)
}

/** Eight megabytes each: the projects that somebody works on. */
const mostRemembered = 4
/** What this process learned last. It counts where the revision is that of the database, and never is the only copy. */
const remembered = new Map<string, { revision: string; learner: Learner }>()

function remember(project: string, revision: string, learner: Learner): void {
  remembered.delete(project)
  remembered.set(project, { revision, learner })
  for (const oldest of remembered.keys()) {
    if (remembered.size <= mostRemembered) break
    remembered.delete(oldest)
  }
}

/** Takes what is remembered away: should the caller fail half-way, nobody goes on from there. */
function takeRemembered(project: string, revision: string): Learner | undefined {
  const held = remembered.get(project)
  remembered.delete(project)
  return held?.revision === revision ? held.learner : undefined
}

/**
 * Learns up to `end` and gives the state a new revision. Notes what was expected of each pair from `changed` on; before it
 * the notes stand.
 */
async function advance(trx: Db, project: string, learner: Learner, changed: number, end: number): Promise<void> {
  await learnOn(trx, project, learner, async (learned) => {
    const news = learned.filter(({ seq }) => seq >= changed)
    if (news.length) await note(trx, project, news)
    if (isSnapshotDue(learner.seq, learner.kept, end)) await keepSnapshot(trx, project, learner, end)
  })
  const revision = newId()
  await sql`UPDATE reward_state SET revision = ${revision}, seq = ${end}, at = now() WHERE project_id = ${project}`.execute(
    trx,
  )
  remember(project, revision, learner)
}

async function apply(trx: Db, project: string, events: Event[]): Promise<void> {
  const head = await lockHead(trx, project)
  const changed = await refreshForce(trx, [...new Set(events.map(({ data }) => String(data.task)))])
  const submissions = events.filter(({ kind }) => kind === 'annotation.committed').map(({ subject }) => subject)
  const end = await append(trx, project, submissions, head.seq)
  if (changed === undefined && end === head.seq) return
  const held = takeRemembered(project, head.revision)
  if (changed !== undefined)
    await sql`DELETE FROM reward_snapshots WHERE project_id = ${project} AND seq >= ${changed}::int`.execute(trx)
  const learner = (changed === undefined && held) || (await snapshotAt(trx, project, head.seq))
  await advance(trx, project, learner, changed ?? head.seq + 1, end)
}

export const rewardFollower: Follower = {
  name: 'reward',
  kinds: ['annotation.committed', 'annotation.withdrawn', 'task.purpose'],
  async handle(trx, events) {
    for (const project of new Set(events.map((event) => event.project)))
      await apply(
        trx,
        project,
        events.filter((event) => event.project === project),
      )
  },
}

interface Place {
  epoch: number
  xid: string
  position: number
}

/** Throws everything away and learns a project from the event log anew, as far as the follower has read; it waits meanwhile. */
export const rebuildReward = (db: Db, project: string): Promise<void> =>
  inTransaction(db, async (trx) => {
    const until = await first(
      trx,
      sql<Place>`
        SELECT epoch, xid::text AS xid, position FROM followers WHERE name = ${rewardFollower.name} FOR UPDATE`,
    )
    if (!until) return
    await lockHead(trx, project)
    await sql`DELETE FROM reward_pairs WHERE project_id = ${project}`.execute(trx)
    await sql`DELETE FROM reward_snapshots WHERE project_id = ${project}`.execute(trx)
    let end = 0
    for (let from: Place = { epoch: -1, xid: '0', position: 0 }; ; ) {
      const rows = await all(
        trx,
        sql<Place & { subject: string }>`
          SELECT epoch, xid::text AS xid, position, subject FROM events e
          WHERE project_id = ${project} AND kind = 'annotation.committed'
            AND (epoch, e.xid, position) > (${from.epoch}::int, ${from.xid}::xid8, ${from.position}::bigint)
            AND (epoch, e.xid, position) <= (${until.epoch}::int, ${until.xid}::xid8, ${until.position}::bigint)
          ORDER BY epoch, e.xid, position LIMIT 500`,
      )
      const last = rows.at(-1)
      if (!last) break
      end = await append(
        trx,
        project,
        rows.map(({ subject }) => subject),
        end,
      )
      from = last
    }
    await advance(trx, project, newLearner(), 1, end)
  })

/** The state of a project as committed, for readers; not to be taught. */
export const learnerOf = (db: Db, project: string): Promise<Learner> =>
  // One view of the database throughout, or a model could be remembered under a revision that is not its own.
  db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const head = await first(trx, sql<Head>`SELECT revision, seq FROM reward_state WHERE project_id = ${project}`)
      if (!head) return newLearner()
      const held = remembered.get(project)
      if (held?.revision === head.revision) return held.learner
      const learner = await learnOn(trx, project, await snapshotAt(trx, project, head.seq))
      remember(project, head.revision, learner)
      return learner
    })

/** A learner of all that counts but of the prompts that a dataset holds out: what it scores may be measured on those. */
export async function learnerWithout(db: Db, project: string, snapshot: string): Promise<Learner> {
  const heldOut = await all(
    db,
    sql<{ id: string }>`
      SELECT t.id FROM tasks t WHERE t.project_id = ${project} AND t.prompt_id IN (
        SELECT prompt_id FROM snapshot_rows WHERE snapshot_id = ${snapshot} AND split = 'test')`,
  )
  return learnOn(db, project, newLearner(), undefined, new Set(heldOut.map(({ id }) => id)))
}
