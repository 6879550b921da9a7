/** Two policies at real endpoints, prompts, and people who judge by what they read: all that a head to head needs. */
import { sql } from 'kysely'
import { vi } from 'vitest'
import { writePromptBatch } from '../src/collect/prompts/write.ts'
import { sampleJob } from '../src/collect/sampling/job.ts'
import { claim } from '../src/collect/tasks/queue.ts'
import { messagesOf, taskOf } from '../src/collect/tasks/read.ts'
import { submit } from '../src/collect/tasks/work.ts'
import { advanceHeadToHeads } from '../src/evaluate/head-to-head/advance.ts'
import { measureJob } from '../src/evaluate/head-to-head/measure.ts'
import { addPolicy } from '../src/models/policies/store.ts'
import { all } from '../src/platform/sql.ts'
import { saltOf } from '../src/projects/store.ts'
import { type Asked, answeringServer } from './answering.ts'
import { testHttp } from './http.ts'
import { addMember, addPerson, join, somePrompts, type TestPerson, type TestProject, testProject } from './project.ts'

export interface Duel extends TestProject {
  lead: TestPerson
  people: TestPerson[]
  /** Ids. */
  candidate: string
  baseline: string
  prompts: string[]
  http: Awaited<ReturnType<typeof testHttp>>
  /** Moves head to heads on until nothing moves and no job is left. */
  settle(): Promise<void>
  /** Everybody answers all that the queue holds; `judge` says how, from the two texts: below 0 the first is better. */
  answer(judge: (first: string, second: string, person: number) => object, most?: number): Promise<number>
  close(): Promise<void>
}

/** `answer` speaks for both: `model` is `candidate` or `baseline`. */
export async function duel(
  answer: (asked: Asked) => string | number,
  { prompts = 20, people = 3, tag = 'held-out' } = {},
): Promise<Duel> {
  const at = await testProject({ tasks: 0, annotators: 0 })
  const { db, project } = at
  const [http, server] = await Promise.all([testHttp(at), answeringServer(answer)])
  const lead = await addMember({ db, project }, 'Ada', 'lead')
  const salt = await saltOf(db, project)
  const given = somePrompts(prompts).map((prompt) => ({ ...prompt, responses: [], tags: [tag] }))
  await db.transaction().execute((trx) => writePromptBatch(trx, { project, salt, at: new Date() }, given))
  const [candidate, baseline] = await Promise.all(
    ['candidate', 'baseline'].map((name) =>
      addPolicy(db, project, {
        name,
        kind: 'endpoint',
        url: server.url,
        model: name,
        secret: null,
        parameters: {},
        price: {},
      }),
    ),
  )
  const annotators: TestPerson[] = []
  for (let i = 0; i < people; i++) {
    const person = await addPerson(db, `Judge ${i}`)
    await join(db, project, person, 'annotator')
    annotators.push(person)
  }
  const { jobs } = http.platform
  jobs.handle('sample', sampleJob(http))
  jobs.handle('head-to-head', measureJob(http))
  await jobs.run()
  const working = sql`SELECT 1 FROM jobs WHERE state IN ('waiting', 'running')`
  return {
    ...at,
    lead,
    people: annotators,
    candidate: candidate!,
    baseline: baseline!,
    prompts: (await all(db, sql<{ id: string }>`SELECT id FROM prompts ORDER BY id`)).map(({ id }) => id),
    http,
    async settle() {
      jobs.wake()
      const settled = async () => {
        // In this order: what a job did that has ended since is seen by the next step.
        const isWorking = (await all(db, working)).length > 0
        if ((await advanceHeadToHeads(http.platform)) || isWorking) throw new Error('there is still something to do')
      }
      await vi.waitFor(settled, { timeout: 30_000, interval: 50 })
    },
    async answer(judge, most = Number.POSITIVE_INFINITY) {
      let count = 0
      for (const [i, person] of annotators.entries())
        while (count < most) {
          const who = { person: person.id, project, role: 'annotator' as const, skills: [] }
          const lease = await claim(db, who, at.clock.read())
          if (!lease) break
          const [first, second] = await messagesOf(db, (await taskOf(db, lease.task))!.targets)
          const payload = judge(first!.text!, second!.text!, i)
          const answers = [{ step: 'compare', payload }]
          await submit(at.platform, { assignment: lease.id, person: person.id, key: lease.id, answers, activeMs: 5000 })
          at.clock.advance(20)
          count++
        }
      return count
    },
    async close() {
      await jobs.stop()
      await http.models.close()
      server.close()
      await at.database.close()
    },
  }
}
