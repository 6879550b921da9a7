/** Many people at once on one queue: each claims, and answers, skips, gives back or lets the lease run out, by a drawn lot. */
import { sql } from 'kysely'
import { expect } from 'vitest'
import { claim, expireLeases, release } from '../src/collect/tasks/queue.ts'
import { assignmentState } from '../src/collect/tasks/states.ts'
import { submit } from '../src/collect/tasks/work.ts'
import { all, one } from '../src/platform/sql.ts'
import { createRandom } from '../src/stats/random.ts'
import type { TestProject } from './project.ts'

/** What must hold at every moment: slots are neither lost nor handed out twice, and nobody has a task twice. */
export async function checkBooks({ db, project }: Pick<TestProject, 'db' | 'project'>): Promise<void> {
  const wrong = await all(
    db,
    sql<{ id: string }>`
      SELECT t.id FROM tasks t JOIN queue q ON q.task_id = t.id
      LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE a.state IN (0, 1, 5)) AS held, count(*) FILTER (WHERE a.state IN (1, 5)) AS answered
        FROM assignments a WHERE a.task_id = t.id) a ON true
      WHERE t.project_id = ${project} AND (q.remaining + a.held <> t.overlap OR q.answered <> a.answered
        OR (q.state = 0) <> (q.remaining > 0) OR (q.state = 2) <> (a.answered = t.overlap))`,
  )
  expect(wrong).toEqual([])
}

/** Runs `rounds` of everybody at once; the clock jumps between rounds, forth and back. */
export async function runRounds(at: TestProject, rounds: number, seed: number): Promise<{ answered: number }> {
  const random = createRandom(seed)
  const refused = new Set<string>()
  let answered = 0
  for (let round = 0; round < rounds; round++) {
    const lots = at.annotators.map(() => random.next())
    await Promise.all(
      at.annotators.map(async ({ id: person }, i) => {
        const lease = await claim(
          at.db,
          { person, project: at.project, role: 'annotator', skills: [] },
          at.clock.read(),
        )
        if (!lease) return
        const lot = lots[i]!
        if (lot < 0.05) return // never heard of again: the lease runs out
        if (lot < 0.08)
          return void (await release(at.db, lease.id, person, { state: assignmentState.skipped, reason: 'drawn' }))
        if (lot < 0.1) return void (await release(at.db, lease.id, person, { state: assignmentState.givenBack }))
        const send = () =>
          submit(at.platform, {
            assignment: lease.id,
            person,
            key: lease.id,
            answers: [{ step: 'compare', payload: { strength: 1 } }],
            activeMs: 1,
          })
        try {
          // One in five is sent twice at once, as after a lost answer.
          const sent = await Promise.all(lot > 0.8 ? [send(), send()] : [send()])
          expect(new Set(sent).size).toBe(1)
          answered++
        } catch (error) {
          refused.add((error as { code: string }).code)
        }
      }),
    )
    at.clock.advance(Math.round((random.next() - 0.3) * 100))
    await expireLeases(at.db, at.clock.read())
  }
  expect([...refused].filter((code) => code !== 'lease_lost')).toEqual([])
  await checkBooks(at)
  const { n } = await one(
    at.db,
    sql<{
      n: number
    }>`SELECT count(*) AS n FROM annotations_in_force WHERE project_id = ${at.project} AND source = 'person'`,
  )
  expect(n).toBe(answered)
  return { answered }
}
