import fc from 'fast-check'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { consensusOfProject } from '../../../test/consensus.ts'
import { type TestProject, testProject } from '../../../test/project.ts'
import { claim, enqueue } from '../../collect/tasks/queue.ts'
import { lockSubmission, withdrawSubmission } from '../../collect/tasks/store.ts'
import { submit } from '../../collect/tasks/work.ts'
import { catchUp, emit, follow } from '../../platform/events.ts'
import { consensusAbout, softLabelsOf } from './read.ts'
import { isRefitDue, refitNext } from './refit.ts'
import { consensusOf } from './rules.ts'
import { consensusFollower, rebuildConsensus } from './store.ts'

const compare = (strength: number | 'bad', more = {}) => ({
  step: 'compare',
  kind: 'compare',
  targets: ['a', 'b'],
  payload: strength === 'bad' ? { bothBad: true, ...more } : { strength, ...more },
})

describe('the rule', () => {
  it('keeps every vote in the soft label and names a leader only where there is one', () => {
    const [preference] = consensusOf([compare(-2), compare(-1), compare(3), compare('bad')])
    expect(preference).toMatchObject({
      counts: { both_bad: 1, first: 2, second: 1 },
      total: 4,
      label: 'first',
      tied: false,
      mean: 0,
    })
    expect(consensusOf([compare(-2), compare(2)])[0]).toMatchObject({ label: null, tied: true })
  })

  it('counts a person once: the last answer', () => {
    const own = (person: string, strength: number) => ({ ...compare(strength), person })
    expect(consensusOf([own('x', -2), own('y', -1), own('x', 3)])[0]).toMatchObject({
      counts: { first: 1, second: 1 },
      total: 2,
    })
  })

  it('counts aspects as attributes of their own', () => {
    const rows = consensusOf([compare(1, { aspects: { safety: -2 } }), compare(1, { aspects: { safety: 0 } })])
    expect(rows.find((row) => row.attribute === 'safety')).toMatchObject({
      counts: { first: 1, tie: 1 },
      tied: true,
      mean: -1,
    })
  })

  it('does not depend on the order of votes', () => {
    const votes = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(votes, fc.infiniteStream(fc.nat()), (strengths, keys) => {
        const shuffled = strengths.map((value) => [keys.next().value, value] as const).sort(([a], [b]) => a - b)
        expect(consensusOf(shuffled.map(([, value]) => compare(value)))).toEqual(
          consensusOf(strengths.map((value) => compare(value))),
        )
      }),
    )
  })
})

describe('the projection', () => {
  let at: TestProject
  beforeEach(async () => {
    at = await testProject({ tasks: 6, overlap: 3, annotators: 3 })
  })
  afterEach(() => at.database.close())

  const everyoneAnswers = async () => {
    const submissions: string[] = []
    for (const [i, person] of at.annotators.entries())
      for (;;) {
        const lease = await claim(
          at.db,
          { person: person.id, project: at.project, role: 'annotator', skills: [] },
          at.clock.read(),
        )
        if (!lease) break
        const answers = [
          {
            step: 'compare',
            payload: { strength: ((i * 5 + submissions.length * 3) % 7) - 3, aspects: { quality: i - 1 } },
          },
        ]
        submissions.push(
          await submit(at.platform, { assignment: lease.id, person: person.id, key: lease.id, answers, activeMs: 10 }),
        )
      }
    return submissions
  }

  it('follows answers and undone answers, and a rebuild from annotations alone gives the same rows', async () => {
    const submissions = await everyoneAnswers()
    await catchUp(at.db, [consensusFollower])
    for (const id of submissions.slice(0, 4))
      await at.db.transaction().execute(async (trx) => {
        const own = await lockSubmission(trx, id)
        await withdrawSubmission(trx, own!, at.clock.read(), at.clock.read())
        const task = await sql<{
          task_id: string
        }>`SELECT task_id FROM annotations WHERE submission_id = ${id}`.execute(trx)
        await emit(trx, {
          project: at.project,
          kind: 'annotation.withdrawn',
          subject: id,
          data: { task: task.rows[0]!.task_id },
        })
      })
    await catchUp(at.db, [consensusFollower])
    await refitNext(at.db)
    const followed = await consensusOfProject(at.db, at.project)
    expect(followed.filter((row) => row.attribute === 'preference').reduce((sum, row) => sum + row.total, 0)).toBe(
      18 - 4,
    )
    await rebuildConsensus(at.db, at.project)
    expect(await consensusOfProject(at.db, at.project)).toEqual(followed)
  })

  const answer = async (person: { id: string }, strengthOf: (task: string) => number, most = 100) => {
    for (let n = 0; n < most; n++) {
      const lease = await claim(
        at.db,
        { person: person.id, project: at.project, role: 'annotator', skills: [] },
        at.clock.read(),
      )
      if (!lease) return
      const answers = [{ step: 'compare', payload: { strength: strengthOf(lease.task) } }]
      await submit(at.platform, { assignment: lease.id, person: person.id, key: lease.id, answers, activeMs: 10 })
    }
  }
  const refit = async () => {
    await catchUp(at.db, [consensusFollower])
    // A fit is due again after ten times as long as the last one took; a test does not wait.
    await sql`UPDATE consensus_fits SET fitted_at = NULL`.execute(at.db)
    while (await refitNext(at.db));
  }
  const parityOf = (task: string) => (Number.parseInt(task.slice(-4), 16) % 2 ? 2 : -2)

  it('weighs votes by what their authors are worth, keeps the counts, and says the same after a rebuild', async () => {
    await at.database.close()
    at = await testProject({ tasks: 60, overlap: 3, annotators: 4 })
    const [good, better, lots, late] = at.annotators
    await answer(good!, parityOf, 40)
    await answer(better!, parityOf, 60)
    let n = 0
    await answer(lots!, () => (n++ % 2 ? 1 : -1), 60)
    await refit()
    expect(await isRefitDue(at.db)).toBe(false)
    const people = await sql<{ person_id: string; accuracy: number }>`
      SELECT person_id, accuracy FROM consensus_people WHERE attribute = 'preference'`.execute(at.db)
    const worth = new Map(people.rows.map(({ person_id, accuracy }) => [person_id, accuracy]))
    expect(worth.get(better!.id)).toBeGreaterThan(0.85)
    expect(worth.get(lots!.id)).toBeLessThan(0.75)
    // One against one: nothing to count, and yet the better known of the two is believed.
    const rows = await consensusOfProject(at.db, at.project)
    const split = rows.filter(({ tied, total }) => tied && total === 2)
    expect(split.length).toBeGreaterThan(3)
    for (const { task, label, soft } of split) {
      expect(label).toBe(parityOf(task) > 0 ? 'second' : 'first')
      expect(Object.values(soft).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 3)
    }
    // Whoever comes later is weighed at once, by the model as it stands.
    await answer(late!, (task) => -parityOf(task), 5)
    await catchUp(at.db, [consensusFollower])
    expect(
      (await consensusOfProject(at.db, at.project)).filter(
        (row) => row.soft.first === undefined && row.soft.second === undefined,
      ),
    ).toEqual([])
    await refit()
    const followed = await consensusOfProject(at.db, at.project)
    await rebuildConsensus(at.db, at.project)
    expect(await consensusOfProject(at.db, at.project)).toEqual(followed)
  })

  it('does not lean to either side when the better responses are stored first', async () => {
    for (const person of at.annotators) await answer(person, () => -2)
    await refit()
    const { rows } = await sql<{ labels: string[]; prior: number[] }>`
      SELECT labels, prior FROM consensus_models`.execute(at.db)
    expect(rows).toMatchObject([{ labels: ['first', 'second'] }])
    expect(rows[0]!.prior[0]).toBe(rows[0]!.prior[1])
  })

  it('hands the soft posterior of pairs to later stations', async () => {
    const [one, two] = at.annotators
    await answer(one!, parityOf)
    await answer(two!, parityOf, 3)
    await refit()
    const tasks = (await consensusOfProject(at.db, at.project)).map(({ task }) => task)
    const pairs = await softLabelsOf(at.db, tasks)
    expect(pairs).toHaveLength(6)
    for (const { task, firstBetter, soft, people, targets } of pairs) {
      expect(targets).toHaveLength(2)
      expect(firstBetter).toBeCloseTo((soft.first ?? 0) + (1 - (soft.first ?? 0) - (soft.second ?? 0)) / 2, 9)
      // Two who agree say more than one, and nobody is certain.
      const sure = parityOf(task) > 0 ? 1 - firstBetter : firstBetter
      expect(sure).toBeGreaterThan(people > 1 ? 0.9 : 0.7)
      expect(sure).toBeLessThan(1)
    }
    expect(await softLabelsOf(at.db, [])).toEqual([])
  })

  it('is found from each task that asks for the same pair, whichever was answered', async () => {
    const [one, two] = at.annotators
    await answer(one!, () => 1, 1)
    const { rows } = await sql<{ id: string; task: string }>`
      INSERT INTO tasks (id, project_id, template_id, template_version, purpose, route, prompt_id, targets, overlap)
      SELECT gen_random_uuid(), project_id, template_id, template_version, 're-annotation', route, prompt_id, targets, 1
      FROM tasks WHERE id = (SELECT task_id FROM annotations LIMIT 1)
      RETURNING id, (SELECT task_id FROM annotations LIMIT 1) AS task`.execute(at.db)
    const { id: again, task } = rows[0]!
    const { route } = (await sql<{ route: number }>`SELECT route FROM tasks WHERE id = ${again}`.execute(at.db))
      .rows[0]!
    await enqueue(at.db, [{ task: again, project: at.project, route, priority: -1, overlap: 1 }])
    await answer(two!, () => -1, 1)
    await catchUp(at.db, [consensusFollower])
    const [about, other] = [
      await consensusAbout(at.db, at.project, task),
      await consensusAbout(at.db, at.project, again),
    ]
    expect(about).toMatchObject([{ attribute: 'preference', counts: { first: 1, second: 1 }, tied: true, label: null }])
    expect(other).toEqual(about)
  })

  it('has its effect once where the handler fails after acting', async () => {
    await everyoneAnswers()
    let failing = true
    const flaky = {
      ...consensusFollower,
      handle: async (...args: Parameters<typeof consensusFollower.handle>) => {
        await consensusFollower.handle(...args)
        if (failing) throw new Error('crash after the work, before the commit')
      },
    }
    await expect(follow(at.db, flaky)).rejects.toThrow('crash')
    expect(await consensusOfProject(at.db, at.project)).toEqual([])
    failing = false
    await catchUp(at.db, [flaky])
    expect((await consensusOfProject(at.db, at.project)).filter((row) => row.attribute === 'preference')).toHaveLength(
      6,
    )
  })
})
