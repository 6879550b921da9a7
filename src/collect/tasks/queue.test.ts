import fc from 'fast-check'
import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { lockWaits, testDatabase } from '../../../test/database.ts'
import { addTasks, somePrompts, type TestProject, testProject } from '../../../test/project.ts'
import { checkBooks as books } from '../../../test/queue-rounds.ts'
import { all, inTransaction, one } from '../../platform/sql.ts'
import { setArchived } from '../../projects/store.ts'
import { claim, expireLeases, release, retakeSlot, setPriority, setWithdrawn } from './queue.ts'
import { assignmentState, queueState } from './states.ts'
import { lockAssignment } from './store.ts'
import { submit } from './work.ts'

let at: TestProject
afterEach(() => at.database.close())

const claimFor = (person: number, skills: string[] = []) =>
  claim(at.db, { person: at.annotators[person]!.id, project: at.project, role: 'annotator', skills }, at.clock.read())

const answer = (assignment: string, person: number, key = assignment) =>
  submit(at.platform, {
    assignment,
    person: at.annotators[person]!.id,
    key,
    answers: [{ step: 'compare', payload: { strength: 1 } }],
    activeMs: 1000,
  })

const checkBooks = () => books(at)

describe('claiming', () => {
  it('hands out every slot once, to 200 people at a time, and never the same task twice to one person', async () => {
    at = await testProject({ tasks: 120, overlap: 3, annotators: 200 })
    const held: string[] = []
    await Promise.all(
      at.annotators.map(async (_, person) => {
        for (let lease = await claimFor(person); lease; lease = await claimFor(person)) {
          held.push(`${lease.task} ${person}`)
          await answer(lease.id, person)
        }
      }),
    )
    expect(held).toHaveLength(360)
    expect(new Set(held).size).toBe(360)
    await checkBooks()
    const { n } = await one(at.db, sql<{ n: number }>`SELECT count(*) AS n FROM annotations_in_force`)
    expect(n).toBe(360)
  })

  it('is planned once a connection, not each time: planning takes longer than claiming', async () => {
    at = await testProject({ tasks: 500, annotators: 1, on: await testDatabase({ max: 1 }) })
    await sql`ANALYZE`.execute(at.db)
    for (let i = 0; i < 12; i++) await answer((await claimFor(0))!.id, 0)
    const plans = await all(
      at.db,
      sql<{ custom: number; generic: number }>`
        SELECT custom_plans AS custom, generic_plans AS generic FROM pg_prepared_statements
        WHERE statement LIKE '%taken AS (%' OR statement LIKE '%ended AS (%'`,
    )
    expect(plans).toEqual([
      { custom: 5, generic: 7 },
      { custom: 5, generic: 7 },
    ])
  })

  it('goes in the order of priority, then of arrival', async () => {
    at = await testProject({ tasks: 5, annotators: 1 })
    const ids = await all(at.db, sql<{ id: string }>`SELECT task_id AS id FROM queue ORDER BY position`)
    const first = await claimFor(0)
    expect(first?.task).toBe(ids[0]!.id)
    await setPriority(at.db, at.project, [ids[4]!.id], -1)
    expect((await claimFor(0))?.task).toBe(ids[4]!.id)
    expect((await claimFor(0))?.task).toBe(ids[1]!.id)
  })

  it('finds what was left behind its cursor: given back, skipped by others, or added with higher priority', async () => {
    at = await testProject({ tasks: 3, annotators: 2 })
    const mine = [await claimFor(0), await claimFor(0), await claimFor(0)]
    expect(await claimFor(0)).toBeUndefined()
    expect(await claimFor(1)).toBeUndefined()
    await release(at.db, mine[1]!.id, at.annotators[0]!.id, { state: assignmentState.skipped, reason: 'unclear' })
    expect(await claimFor(0)).toBeUndefined()
    expect((await claimFor(1))?.task).toBe(mine[1]!.task)
    await checkBooks()
  })

  it('hands out tasks of a route only to those who meet all its requirements', async () => {
    at = await testProject({ tasks: 1, annotators: 1 })
    await addTasks(at.db, at.project, somePrompts(2, 100), 1, ['medicine', 'german'])
    expect(await claimFor(0, ['medicine'])).toBeDefined()
    expect(await claimFor(0, ['medicine'])).toBeUndefined()
    expect(await claimFor(0, ['german', 'medicine'])).toBeDefined()
    expect(await claimFor(0, ['french', 'german', 'medicine'])).toBeDefined()
  })

  it('does not hand out what was withdrawn, and does once it is restored', async () => {
    at = await testProject({ tasks: 1, overlap: 2, annotators: 2 })
    const { id } = await one(at.db, sql<{ id: string }>`SELECT task_id AS id FROM queue`)
    const lease = await claimFor(0)
    await setWithdrawn(at.db, at.project, [id], true)
    expect(await claimFor(1)).toBeUndefined()
    at.clock.advance(61)
    await expireLeases(at.db, at.clock.read())
    await setWithdrawn(at.db, at.project, [id], false)
    expect((await claimFor(1))?.task).toBe(id)
    expect((await claimFor(0))?.id).toBe(lease!.id)
    await checkBooks()
  })

  it('counts a task that was restored after its last answer as answered', async () => {
    at = await testProject({ tasks: 1, annotators: 1 })
    const lease = await claimFor(0)
    await setWithdrawn(at.db, at.project, [lease!.task], true)
    await answer(lease!.id, 0)
    await setWithdrawn(at.db, at.project, [lease!.task], false)
    expect(await all(at.db, sql`SELECT state FROM queue`)).toEqual([{ state: queueState.answered }])
  })

  it('hands out nothing of a project that was put away; what is held of it can be answered', async () => {
    at = await testProject({ tasks: 2, annotators: 1 })
    const lease = await claimFor(0)
    await setArchived(at.db, at.project, at.clock.read())
    expect(await claimFor(0)).toBeUndefined()
    await answer(lease!.id, 0)
    await setArchived(at.db, at.project, null)
    expect(await claimFor(0)).toBeDefined()
  })

  it('looks again where it and a late answer to the same task wait for each other', async () => {
    at = await testProject({ tasks: 1, annotators: 1 })
    const { id, task } = (await claimFor(0))!
    at.clock.advance(61)
    await expireLeases(at.db, at.clock.read())
    const waiting = () => lockWaits(at.database.pool)
    const { claiming } = await inTransaction(at.db, async (trx) => {
      await lockAssignment(trx, id)
      const claiming = claimFor(0)
      await expect.poll(waiting, { timeout: 10_000 }).toBe(1)
      expect(await retakeSlot(trx, task)).toBe(true)
      return { claiming }
    })
    expect(await claiming).toBeUndefined()
  })
})

it('hands a task that was given back unjudged to the same person again, but not one that was skipped', async () => {
  at = await testProject({ tasks: 1, annotators: 1 })
  const lease = await claimFor(0)
  await release(at.db, lease!.id, at.annotators[0]!.id, { state: assignmentState.givenBack })
  expect((await claimFor(0))?.id).toBe(lease!.id)
  await release(at.db, lease!.id, at.annotators[0]!.id, { state: assignmentState.skipped, reason: 'unclear' })
  expect(await claimFor(0)).toBeUndefined()
  await checkBooks()
})

describe('leases', () => {
  it('go back when they run out, and the same person may be handed the task again', async () => {
    at = await testProject({ tasks: 1, annotators: 2 })
    const lease = await claimFor(0)
    expect(await claimFor(1)).toBeUndefined()
    at.clock.advance(59)
    expect(await expireLeases(at.db, at.clock.read())).toBe(0)
    at.clock.advance(2)
    expect(await expireLeases(at.db, at.clock.read())).toBe(1)
    expect((await claimFor(0))?.id).toBe(lease!.id)
    await checkBooks()
  })

  it('take a late answer while the slot is free, and refuse it by name once someone else has it', async () => {
    at = await testProject({ tasks: 2, annotators: 2 })
    const [kept, lost] = [await claimFor(0), await claimFor(0)]
    at.clock.advance(120)
    await expireLeases(at.db, at.clock.read())
    await answer(kept!.id, 0)
    expect((await claimFor(1))?.task).toBe(lost!.task)
    await expect(answer(lost!.id, 0)).rejects.toMatchObject({ code: 'lease_lost' })
    await checkBooks()
  })
})

it('submits once by key, however often it is sent', async () => {
  at = await testProject({ tasks: 1, annotators: 1 })
  const lease = await claimFor(0)
  const sent = await Promise.all(Array.from({ length: 8 }, () => answer(lease!.id, 0, 'one key')))
  expect(new Set(sent).size).toBe(1)
  await expect(answer(lease!.id, 0, 'another key')).rejects.toMatchObject({ code: 'conflict' })
  const { n } = await one(at.db, sql<{ n: number }>`SELECT count(*) AS n FROM annotations`)
  expect(n).toBe(1)
})

it('keeps its books whatever people, clocks and leads do', async () => {
  const { database } = (at = await testProject({ tasks: 0, annotators: 0 }))
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          person: fc.nat(3),
          act: fc.constantFrom(
            'claim',
            'claim',
            'claim',
            'answer',
            'answer',
            'skip',
            'expire',
            'late',
            'withdraw',
            'restore',
          ),
          seconds: fc.integer({ min: -100, max: 200 }),
        }),
        { minLength: 10, maxLength: 60 },
      ),
      async (acts) => {
        at = await testProject({ tasks: 4, overlap: 2, annotators: 4, on: database })
        const held: { id: string; person: number; task: string }[] = []
        for (const { person, act, seconds } of acts) {
          at.clock.advance(seconds)
          const mine = held.find((lease) => lease.person === person)
          if (act === 'claim') {
            const lease = await claimFor(person)
            if (lease) held.push({ id: lease.id, person, task: lease.task })
          } else if (act === 'expire') await expireLeases(at.db, at.clock.read())
          else if (act === 'withdraw' || act === 'restore') {
            if (mine) await setWithdrawn(at.db, at.project, [mine.task], act === 'withdraw')
          } else if (mine && act === 'skip')
            await release(at.db, mine.id, at.annotators[person]!.id, { state: assignmentState.skipped, reason: 'x' })
          else if (mine)
            await answer(mine.id, person, `${mine.id}`).catch((error) =>
              expect(error.code).toMatch(/lease_lost|conflict/),
            )
          if (act === 'answer' && mine) held.splice(held.indexOf(mine), 1)
        }
        const wrong = await all(
          at.db,
          sql<{ id: string }>`
            SELECT t.id FROM tasks t JOIN queue q ON q.task_id = t.id
            LEFT JOIN LATERAL (SELECT count(*) AS held FROM assignments a WHERE a.task_id = t.id AND a.state IN (0, 1, 5)) a ON true
            WHERE q.remaining + a.held <> t.overlap AND t.project_id = ${at.project}`,
        )
        expect(wrong).toEqual([])
      },
    ),
    { numRuns: 40 },
  )
})
