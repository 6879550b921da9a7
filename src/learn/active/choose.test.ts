import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testHttp } from '../../../test/http.ts'
import { addMember, addTasks, type TestProject, testProject } from '../../../test/project.ts'
import { priorities } from '../../collect/tasks/contract.ts'
import { claim, setPriority } from '../../collect/tasks/queue.ts'
import { submit } from '../../collect/tasks/work.ts'
import { catchUp } from '../../platform/events.ts'
import { all, one } from '../../platform/sql.ts'
import { rewardFollower } from '../reward/store.ts'
import { chooseFor, chooseNext } from './choose.ts'
import type { Choice } from './contract.ts'
import { isDue } from './store.ts'

const words = ['thank', 'you', 'please', 'sorry', 'no', 'never', 'look', 'there', 'send', 'back', 'new', 'order']
const said = (i: number, k: number) =>
  Array.from({ length: 6 }, (_, w) => words[(i * 7 + k * 5 + w * (k + 3)) % 12]).join(' ')
const prompts = (n: number, from = 0) =>
  Array.from({ length: n }, (_, i) => ({
    turns: [{ role: 'user' as const, text: `Question ${from + i}` }],
    responses: [{ text: `${said(from + i, 0)} ${from + i}` }, { text: `${said(from + i, 1)} ${from + i}` }],
    metadata: {},
  }))

let at: TestProject
beforeAll(async () => {
  at = await testProject({ tasks: 0, annotators: 3 })
  await addTasks(at.db, at.project, prompts(200), 1)
})
afterAll(() => at.database.close())

const choosing = (more = {}) => ({ project: at.project, arrivalShare: 0.2, size: 40, ...more })
const choose = (more = {}) => chooseFor(at.db, choosing(more), at.clock.read())
const order = async () =>
  (
    await all(
      at.db,
      sql<{
        task: string
      }>`SELECT task_id AS task FROM queue WHERE project_id = ${at.project} ORDER BY priority, position`,
    )
  ).map(({ task }) => task)
const arms = () =>
  all(
    at.db,
    sql<{ task: string; arm: string; score: number }>`
      SELECT c.task_id AS task, c.arm, c.score FROM active_choices c JOIN queue q ON q.task_id = c.task_id
      WHERE c.ahead ORDER BY q.position`,
  )
const next = (who = 0) =>
  claim(at.db, { person: at.annotators[who]!.id, project: at.project, role: 'annotator', skills: [] }, at.clock.read())
async function answer(n: number, who = 0) {
  const tasks: string[] = []
  for (let i = 0; i < n; i++) {
    const lease = (await next(who))!
    tasks.push(lease.task)
    const answers = [{ step: 'compare', payload: { strength: tasks.length % 3 ? 2 : -2 } }]
    await submit(at.platform, {
      assignment: lease.id,
      person: at.annotators[who]!.id,
      key: lease.id,
      answers,
      activeMs: 1,
    })
  }
  await catchUp(at.db, [rewardFollower])
  return tasks
}
const turnOn = (on: boolean) =>
  sql`UPDATE projects SET settings = jsonb_build_object('activeChoice', jsonb_build_object('on', ${on}::boolean))
    WHERE id = ${at.project}`.execute(at.db)

it('does nothing where the setting is off', async () => {
  await chooseNext({ db: at.db, clock: at.clock.read })
  expect(await arms()).toEqual([])
})

it('puts those with the highest scores ahead, one in five as it came, and people are handed them in that order', async () => {
  await turnOn(true)
  const before = await order()
  await chooseNext({ db: at.db, clock: at.clock.read })
  const ahead = await arms()
  expect(ahead).toHaveLength(40)
  expect(
    ahead
      .map(({ arm }) => arm[0])
      .join('')
      .slice(0, 10),
  ).toBe('ccccacccca')
  const arrival = ahead.filter(({ arm }) => arm === 'arrival')
  expect(arrival.map(({ task }) => task)).toEqual(before.slice(0, 8))
  const chosen = ahead.filter(({ arm }) => arm === 'chosen')
  expect(chosen.map(({ score }) => score)).toEqual(chosen.map(({ score }) => score).sort((a, b) => b - a))
  expect((await order()).slice(0, 40)).toEqual(ahead.map(({ task }) => task))
  // The others wait in the order in which they came.
  const moved = new Set(ahead.map(({ task }) => task))
  expect((await order()).slice(40)).toEqual(before.filter((task) => !moved.has(task)))
  expect(await answer(10)).toEqual(ahead.slice(0, 10).map(({ task }) => task))
})

it('chooses anew once twenty pairs were learned or half are gone, and not before', async () => {
  expect(await isDue(at.db, choosing())).toBe(false)
  await answer(11)
  expect(await isDue(at.db, choosing())).toBe(true)
  const before = (await arms()).map(({ task }) => task)
  expect(await choose()).toBe(40)
  expect((await arms()).map(({ task }) => task)).not.toEqual(before)
  expect(await isDue(at.db, choosing())).toBe(false)
  // Nothing was learned since: nothing moves, and nothing is written into the audit log.
  const audited = () => one(at.db, sql<{ n: number }>`SELECT count(*) AS n FROM audit WHERE action = 'task.choose'`)
  const written = await audited()
  expect(await choose()).toBe(0)
  expect(await audited()).toEqual(written)
})

it('leaves what was put ahead by hand before everything', async () => {
  const last = (await order()).at(-1)!
  await setPriority(at.db, at.project, [last], priorities.evaluation)
  await choose({ arrivalShare: 0.3 })
  expect((await order())[0]).toBe(last)
  expect(await answer(1)).toEqual([last])
})

it('lets tasks that teach nothing have their turn as they came', async () => {
  const [first] = (
    await all(
      at.db,
      sql<{ task: string }>`
        SELECT q.task_id AS task FROM queue q LEFT JOIN active_choices c ON c.task_id = q.task_id AND c.ahead
        WHERE q.project_id = ${at.project} AND q.state = 0 AND q.priority = 0
        ORDER BY coalesce(c.position, q.position) LIMIT 1`,
    )
  ).map(({ task }) => task)
  await sql`UPDATE tasks SET purpose = 'evaluation' WHERE id = ${first}`.execute(at.db)
  await choose({ size: 200 })
  const own = (await arms()).find(({ task }) => task === first)
  expect(own).toMatchObject({ arm: 'arrival', score: 0 })
  await sql`UPDATE tasks SET purpose = 'label' WHERE id = ${first}`.execute(at.db)
})

it('orders the tasks of a round by their scores, before the usual ones, and gives each its own place again', async () => {
  const line = () =>
    all(
      at.db,
      sql<{ id: string; priority: number; position: number; arm: string | null; score: number }>`
        SELECT q.task_id AS id, q.priority, q.position, c.arm, c.score FROM queue q
        LEFT JOIN active_choices c ON c.task_id = q.task_id AND c.ahead
        WHERE q.project_id = ${at.project} AND q.state = 0 ORDER BY q.priority, q.position`,
    )
  await turnOn(false)
  await chooseNext({ db: at.db, clock: at.clock.read })
  const own = (await order()).slice(-60)
  await setPriority(at.db, at.project, own, priorities.round)
  const before = await line()
  await turnOn(true)
  await chooseNext({ db: at.db, clock: at.clock.read })
  const ofRound = (await line()).filter(({ priority }) => priority === priorities.round)
  expect(ofRound.map(({ id }) => id).sort()).toEqual([...own].sort())
  const chosen = ofRound.filter(({ arm }) => arm === 'chosen')
  expect(chosen).toHaveLength(32)
  expect(ofRound.slice(0, 40).every(({ arm }) => arm !== null)).toBe(true)
  expect(chosen.map(({ score }) => score)).toEqual(chosen.map(({ score }) => score).sort((a, b) => b - a))
  expect(await isDue(at.db, choosing())).toBe(false)
  expect(await answer(3)).toEqual(ofRound.slice(0, 3).map(({ id }) => id))

  await turnOn(false)
  await chooseNext({ db: at.db, clock: at.clock.read })
  const answered = new Set(ofRound.slice(0, 3).map(({ id }) => id))
  expect(await line()).toEqual(before.filter(({ id }) => !answered.has(id)))
  await setPriority(at.db, at.project, own, priorities.usual)
  await turnOn(true)
  await choose()
})

it('puts everything back when it is turned off, each in its own place', async () => {
  await turnOn(false)
  await chooseNext({ db: at.db, clock: at.clock.read })
  expect(await arms()).toEqual([])
  const open = await all(
    at.db,
    sql<{ position: number; priority: number; recalled: boolean; id: string }>`
      SELECT position, priority, recalled, task_id AS id FROM queue WHERE project_id = ${at.project} AND state = 0 ORDER BY position`,
  )
  expect(open.every(({ position, priority, recalled }) => position > 0 && priority === 0 && !recalled)).toBe(true)
  expect(open.map(({ id }) => id)).toEqual(open.map(({ id }) => id).sort())
  await sql`SELECT 1 FROM active_state WHERE project_id = ${at.project}`.execute(at.db)
})

it('hands every task out once, whatever is moved meanwhile', async () => {
  await turnOn(true)
  const { n } = await one(
    at.db,
    sql<{ n: number }>`SELECT count(*) AS n FROM queue WHERE project_id = ${at.project} AND state = 0`,
  )
  const taken: string[] = []
  const work = async (who: number) => {
    for (;;) {
      const lease = await next(who)
      if (!lease) return
      taken.push(lease.task)
    }
  }
  const keepChoosing = async () => {
    while (taken.length < n) await choose({ arrivalShare: 0.1 + 0.8 * (taken.length / n) })
  }
  await Promise.all([work(0), work(1), work(2), keepChoosing()])
  expect(taken).toHaveLength(n)
  expect(new Set(taken).size).toBe(n)
})

it('says on the API what is ahead, how each arm was foreseen, and that more is needed for a gain', async () => {
  const http = await testHttp(at)
  const viewer = await addMember(at, 'Viewer', 'viewer')
  const { status, body } = await http.call('GET', `/projects/${at.project}/reward/choice`, { key: viewer.key })
  expect(status).toBe(200)
  const { on, arrivalShare, foreseen, gain } = body as unknown as Choice
  expect({ on, arrivalShare }).toEqual({ on: true, arrivalShare: 0.2 })
  expect(foreseen.chosen).toMatchObject({ n: expect.any(Number) })
  expect(foreseen.arrival).toMatchObject({ n: expect.any(Number) })
  expect(gain).toEqual({ undefined: expect.stringMatching(/^30 chosen answers and 60/) })
  const lead = await addMember(at, 'Lead', 'lead')
  const wrong = { settings: { activeChoice: { on: true, arrivalShare: 0 } } }
  expect((await http.call('PATCH', `/projects/${at.project}`, { key: lead.key, body: wrong })).status).toBe(400)
})
