import fc from 'fast-check'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TestProject, testProject } from '../../../test/project.ts'
import { claim } from '../../collect/tasks/queue.ts'
import { lockSubmission, withdrawSubmission } from '../../collect/tasks/store.ts'
import { submit } from '../../collect/tasks/work.ts'
import { catchUp, emit, follow } from '../../platform/events.ts'
import { consensusOfProject } from './read.ts'
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
    const followed = await consensusOfProject(at.db, at.project)
    expect(followed.filter((row) => row.attribute === 'preference').reduce((sum, row) => sum + row.total, 0)).toBe(
      18 - 4,
    )
    await rebuildConsensus(at.db, at.project)
    expect(await consensusOfProject(at.db, at.project)).toEqual(followed)
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
