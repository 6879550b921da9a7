import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { testDatabase } from '../../../test/database.ts'
import { type TestProject, testProject } from '../../../test/project.ts'
import { claim, returnToAuthor } from '../../collect/tasks/queue.ts'
import { assignmentState } from '../../collect/tasks/states.ts'
import { lockSubmission, withdrawSubmission } from '../../collect/tasks/store.ts'
import { submit } from '../../collect/tasks/work.ts'
import { catchUp, emit, follow } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { featuresOf } from './features.ts'
import { encodeModel, predict } from './model.ts'
import { learnerOf, rebuildReward, rewardFollower } from './store.ts'

let database: TestProject['database']
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

/** All that is kept of a project: the model's bytes and the record of each pair. */
async function stateOf({ db, project }: TestProject) {
  const { model, ...place } = await learnerOf(db, project)
  const { rows } = await sql`
    SELECT seq, annotation_id, outcome, first_on_left, fresh, predicted, deviation, by_length, by_side FROM reward_pairs
    WHERE project_id = ${project} AND in_force ORDER BY seq`.execute(db)
  return { model: encodeModel(model).toString('base64'), lefts: place.lefts, rights: place.rights, rows }
}

const roleOf = (at: TestProject, person: number) => ({
  person: at.annotators[person]!.id,
  project: at.project,
  role: 'annotator' as const,
  skills: [],
})

async function answer(at: TestProject, person: number, strength: number): Promise<string | undefined> {
  const lease = await claim(at.db, roleOf(at, person), at.clock.read())
  return lease && send(at, lease.id, person, strength)
}

const send = (at: TestProject, assignment: string, person: number, strength: number) =>
  submit(at.platform, {
    assignment,
    person: at.annotators[person]!.id,
    key: newId(),
    answers: [{ step: 'compare', payload: { strength, aspects: { quality: -strength } } }],
    activeMs: 10,
  })

/** As the undo button does. */
const withdraw = (at: TestProject, submission: string) =>
  at.db.transaction().execute(async (trx) => {
    const own = (await lockSubmission(trx, submission))!
    await withdrawSubmission(trx, own, new Date(at.clock.now.getTime() + 60_000), at.clock.read())
    const { rows } = await sql<{ task: string }>`
      SELECT task_id AS task FROM annotations WHERE submission_id = ${submission}`.execute(trx)
    await emit(trx, { project: at.project, kind: 'annotation.withdrawn', subject: submission, data: rows[0]! })
  })

/** As a reviewer who returns it does: the author answers again, and the new answer supersedes. */
async function correct(at: TestProject, submission: string, person: number, strength: number): Promise<string> {
  await at.db.transaction().execute((trx) => returnToAuthor(trx, submission, 'look again'))
  const { rows } = await sql<{ id: string }>`
    SELECT assignment_id AS id FROM submissions WHERE id = ${submission}`.execute(at.db)
  return send(at, rows[0]!.id, person, strength)
}

/** A key is written for a task, or taken away again. */
const turnGold = (at: TestProject, which: number) =>
  at.db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ id: string }>`
      UPDATE tasks SET purpose = CASE purpose WHEN 'gold' THEN 'label' ELSE 'gold' END WHERE id = (
        SELECT id FROM tasks WHERE project_id = ${at.project} ORDER BY id OFFSET ${which % 8} LIMIT 1) RETURNING id`.execute(
      trx,
    )
    const task = rows[0]!.id
    await emit(trx, { project: at.project, kind: 'task.purpose', subject: task, data: { task } })
  })

describe('the projection', () => {
  it('predicts each pair before it learns it, and knows a pair that somebody judged before', async () => {
    const at = await testProject({ tasks: 3, overlap: 2, on: database })
    for (const person of [0, 1]) while (await answer(at, person, -3));
    await catchUp(at.db, [rewardFollower])
    const { rows } = await stateOf(at)
    expect(rows).toHaveLength(6)
    expect(rows[0]).toMatchObject({ fresh: true, predicted: 0.5, by_side: 0.5 })
    expect(rows.filter((row) => (row as { fresh: boolean }).fresh)).toHaveLength(3)
    expect(rows.at(-1)).toMatchObject({ fresh: false })
    expect((rows.at(-1) as { predicted: number }).predicted).toBeGreaterThan(0.505)
  })

  it('learns nothing of evaluation, gold, calibration and review', async () => {
    const at = await testProject({ tasks: 6, on: database })
    while (await answer(at, 0, 2));
    const purposes = ['label', 'gold', 'review', 'calibration', 'evaluation', 're-annotation']
    await sql`
      UPDATE tasks t SET purpose = p.purpose FROM (
        SELECT id, (${purposes}::text[])[row_number() OVER (ORDER BY id)] AS purpose FROM tasks WHERE project_id = ${at.project}) p
      WHERE t.id = p.id`.execute(at.db)
    await catchUp(at.db, [rewardFollower])
    const { rows } = await sql<{ purpose: string }>`
      SELECT t.purpose FROM reward_pairs p JOIN tasks t ON t.id = p.task_id
      WHERE p.project_id = ${at.project} AND p.in_force ORDER BY 1`.execute(at.db)
    expect(rows.map(({ purpose }) => purpose)).toEqual(['label', 're-annotation'])
  })

  it('is after any course of answers, undoing, correcting and making gold what the log alone gives', async () => {
    const step = fc.record({
      act: fc.constantFrom('answer', 'answer', 'answer', 'withdraw', 'correct', 'gold', 'follow'),
      person: fc.nat(1),
      strength: fc.integer({ min: -3, max: 3 }),
      which: fc.nat(),
      batch: fc.integer({ min: 1, max: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 24 }), async (steps) => {
        const at = await testProject({ tasks: 8, overlap: 2, on: database })
        const standing: { id: string; person: number }[] = []
        for (const { act, person, strength, which, batch } of steps) {
          const [one] =
            act === 'withdraw' || act === 'correct' ? standing.splice(which % (standing.length || 1), 1) : []
          if (act === 'answer') {
            const id = await answer(at, person, strength)
            if (id) standing.push({ id, person })
          } else if (act === 'gold') await turnGold(at, which)
          else if (act === 'follow') await follow(at.db, rewardFollower, batch)
          else if (one && act === 'withdraw') await withdraw(at, one.id)
          else if (one) standing.push({ id: await correct(at, one.id, one.person, strength), person: one.person })
        }
        await catchUp(at.db, [rewardFollower])
        const followed = await stateOf(at)
        const { rows } = await sql`
          SELECT FROM annotations_in_force a JOIN tasks t ON t.id = a.task_id
          WHERE a.project_id = ${at.project} AND t.purpose = 'label'`.execute(at.db)
        expect(followed.rows).toHaveLength(rows.length)
        await rebuildReward(at.db, at.project)
        expect(await stateOf(at)).toEqual(followed)
      }),
      { numRuns: 6, endOnFailure: true },
    )
  })

  it('lets an answer come back to its place when the correction is undone', async () => {
    const at = await testProject({ tasks: 4, on: database })
    const first = (await answer(at, 0, 3))!
    while (await answer(at, 0, -1));
    await catchUp(at.db, [rewardFollower])
    const before = await stateOf(at)
    const corrected = await correct(at, first, 0, -3)
    await catchUp(at.db, [rewardFollower])
    expect(await stateOf(at)).not.toEqual(before)
    await withdraw(at, corrected)
    await catchUp(at.db, [rewardFollower])
    expect(await stateOf(at)).toEqual(before)
  })

  it('has its effect once where the handler fails after acting', async () => {
    const at = await testProject({ tasks: 4, on: database })
    while (await answer(at, 0, 2));
    const crashing = {
      ...rewardFollower,
      handle: async (...args: Parameters<typeof rewardFollower.handle>) => {
        await rewardFollower.handle(...args)
        throw new Error('crash after the work, before the commit')
      },
    }
    await expect(follow(at.db, crashing)).rejects.toThrow('crash')
    expect((await stateOf(at)).rows).toEqual([])
    await catchUp(at.db, [rewardFollower])
    const followed = await stateOf(at)
    expect(followed.rows).toHaveLength(4)
    await rebuildReward(at.db, at.project)
    expect(await stateOf(at)).toEqual(followed)
  })
})

/** Many answers at once, straight into the record: one task, everybody of another mind. */
async function manyAnswers(at: TestProject, count: number): Promise<void> {
  await sql`
    WITH made AS (
      SELECT gen_random_uuid() AS assignment, gen_random_uuid() AS submission, gen_random_uuid() AS annotation, i,
        t.id AS task, t.targets
      FROM generate_series(1, ${count}::int) i
      JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM tasks WHERE project_id = ${at.project}) t
        ON t.place = i % 10),
    held AS (
      INSERT INTO assignments (id, task_id, person_id, project_id, state, lease_until, presentation, claimed_at)
      SELECT assignment, task, gen_random_uuid(), ${at.project}, ${assignmentState.answered}, now(), '{}', now() FROM made),
    sent AS (
      INSERT INTO submissions (id, assignment_id, idempotency_key, active_ms, sent_at)
      SELECT submission, assignment, i, 1, now() FROM made),
    said AS (
      INSERT INTO annotations (id, project_id, submission_id, assignment_id, task_id, person_id, source, step, kind,
        kind_version, targets, payload, shown, at)
      SELECT annotation, ${at.project}, submission, assignment, task, gen_random_uuid(), 'person', 'compare', 'compare', 1,
        targets, jsonb_build_object('strength', i % 7 - 3), jsonb_build_object('order', jsonb_build_array(i % 2, 1 - i % 2)), now()
      FROM made)
    INSERT INTO events (project_id, kind, subject, data)
    SELECT ${at.project}, 'annotation.committed', submission, jsonb_build_object('task', task) FROM made ORDER BY i`.execute(
    at.db,
  )
}

describe('over thousands of answers', () => {
  let at: TestProject
  beforeAll(async () => {
    at = await testProject({ tasks: 10, on: database })
    await manyAnswers(at, 2600)
    await catchUp(at.db, [rewardFollower])
  })

  it('another process goes on from a snapshot and comes to the same state', async () => {
    const { rows } = await sql<{ seq: number }>`
      SELECT seq FROM reward_snapshots WHERE project_id = ${at.project} ORDER BY seq`.execute(at.db)
    expect(rows.length).toBeGreaterThan(1)
    const here = await learnerOf(at.db, at.project)
    vi.resetModules()
    const elsewhere = await import('./store.ts')
    const there = await elsewhere.learnerOf(at.db, at.project)
    // Compared by hand: on arrays of a million the matchers take minutes.
    expect(there.model === here.model).toBe(false)
    expect(encodeModel(there.model).equals(encodeModel(here.model))).toBe(true)
    await answer(at, 0, 3)
    await catchUp(at.db, [elsewhere.rewardFollower])
    const text = featuresOf('It is 1.')
    expect(predict((await learnerOf(at.db, at.project)).model, text)).toEqual(
      predict((await elsewhere.learnerOf(at.db, at.project)).model, text),
    )
  })

  it('a late and an early withdrawal give what the log gives', async () => {
    for (const seq of [2500, 12]) {
      const { rows } = await sql<{ id: string; task: string }>`
        UPDATE submissions s SET withdrawn_at = now() FROM annotations a JOIN reward_pairs p ON p.annotation_id = a.id
        WHERE a.submission_id = s.id AND p.project_id = ${at.project} AND p.seq = ${seq} RETURNING s.id, a.task_id AS task`.execute(
        at.db,
      )
      const [{ id, task }] = rows as [{ id: string; task: string }]
      await at.db
        .transaction()
        .execute((trx) => emit(trx, { project: at.project, kind: 'annotation.withdrawn', subject: id, data: { task } }))
      await catchUp(at.db, [rewardFollower])
    }
    const followed = await stateOf(at)
    await rebuildReward(at.db, at.project)
    expect(await stateOf(at)).toEqual(followed)
  })
})
