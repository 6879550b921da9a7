import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { addMember, addTasks, type TestPerson, type TestProject, testProject } from '../../../test/project.ts'
import { claim } from '../../collect/tasks/queue.ts'
import { submit } from '../../collect/tasks/work.ts'
import { catchUp } from '../../platform/events.ts'
import type { RewardState, Scored } from './contract.ts'
import { rewardFollower } from './store.ts'

let at: TestProject
let http: TestHttp
let lead: TestPerson
beforeAll(async () => {
  at = await testProject({ tasks: 0 })
  http = await testHttp(at)
  lead = await addMember(at, 'Lead', 'lead')
})
afterAll(() => at.database.close())

const state = async () =>
  (await http.call('GET', `/projects/${at.project}/reward`, { key: lead.key })).body as unknown as RewardState
const score = (texts: string[]) =>
  http.call('POST', `/projects/${at.project}/reward/score`, { key: lead.key, body: { texts } })

it('says of a project without answers that nothing is known', async () => {
  expect(await state()).toMatchObject({
    pairs: 0,
    accuracy: { model: { undefined: 'no pair was decided yet' } },
    logLoss: { model: { undefined: 'no pair was decided yet' } },
    curve: [],
    at: null,
  })
  const { body } = await score(['anything', 'at all'])
  expect(body.first).toMatchObject({ probability: 0.5 })
})

it('learns that people want it polite, foresees them better than length or side do, and says why', async () => {
  const topics = ['rain', 'trains', 'tea', 'owls', 'chess', 'bread', 'maps', 'salt']
  const prompts = Array.from({ length: 64 }, (_, i) => ({
    turns: [{ role: 'user' as const, text: `Tell me of ${topics[i % 8]}, ${i}.` }],
    responses: [
      {
        text: `Gladly, here is something of ${topics[i % 8]} ${i}.${i % 2 ? ' That is all that I can say of it.' : ''}`,
      },
      { text: `Ask somebody else, ${topics[i % 8]} ${i} bores me.${i % 2 ? '' : ' You really ought to know that.'}` },
    ],
    metadata: {},
  }))
  await addTasks(at.db, at.project, prompts, 1)
  const person = at.annotators[0]!.id
  for (let i = 0; ; i++) {
    const lease = await claim(at.db, { person, project: at.project, role: 'annotator', skills: [] }, at.clock.read())
    if (!lease) break
    const { rows } = await at.database.pool.query(
      `SELECT m.text FROM assignments a JOIN tasks t ON t.id = a.task_id JOIN messages m ON m.id = t.targets[1] WHERE a.id = $1`,
      [lease.id],
    )
    const polite = rows[0].text.startsWith('Gladly') ? -1 : 1
    const strength = i === 63 ? -polite : i === 30 ? 0 : polite
    const answers = [{ step: 'compare', payload: { strength } }]
    await submit(at.platform, { assignment: lease.id, person, key: lease.id, answers, activeMs: 10 })
  }
  await catchUp(at.db, [rewardFollower])

  const now = await state()
  expect(now).toMatchObject({ pairs: 64, ties: 1, repeated: 0, position: 64 })
  const { model, longer, side } = now.accuracy
  if (!('n' in model && 'n' in longer && 'n' in side)) throw new Error('no accuracy')
  expect([model.n, longer.n, side.n]).toEqual([63, 63, 63])
  expect(model.low).toBeGreaterThan(Math.max(longer.value, side.value))
  const { rows: record } = await at.database.pool.query(
    `SELECT outcome, by_length FROM reward_pairs WHERE in_force AND fresh AND outcome <> 0.5 ORDER BY seq`,
  )
  let [hits, named, loss] = [0, 0, 0]
  for (const { outcome, by_length } of record) {
    const share = (hits + 1) / (named + 2)
    const isRight = by_length === outcome
    loss -= Math.log(by_length === 0.5 ? 0.5 : isRight ? share : 1 - share)
    if (by_length === 0.5) continue
    named++
    if (isRight) hits++
  }
  expect(now.logLoss).toMatchObject({ model: { n: 63 }, longer: { n: 63, value: expect.closeTo(loss / 63, 10) } })
  const lossOf = (rule: 'model' | 'longer' | 'side') => (now.logLoss[rule] as { value: number }).value
  expect(lossOf('model')).toBeLessThan(Math.min(lossOf('longer'), lossOf('side')))
  expect(now.curve).toHaveLength(40)
  expect(now.curve.at(-1)).toMatchObject({ pairs: 63, model: { value: model.value } })
  expect('bins' in now.calibration && now.calibration.bins.reduce((sum, { n }) => sum + n, 0)).toBe(63)

  const { body } = await http.call('GET', `/projects/${at.project}/reward/disagreements?limit=5`, { key: lead.key })
  const worst = (body.rows as { preferred: string; probability: number; low: number; high: number }[])[0]!
  expect(worst.preferred).toMatch(/^Ask somebody else/)
  expect(worst.probability).toBeLessThan(0.3)
  expect(worst.low).toBeLessThan(worst.probability)
  expect(worst.high).toBeGreaterThan(worst.probability)

  const tried = (await score(['Gladly, here is something new.', 'Ask somebody else.'])).body as unknown as {
    texts: Scored[]
    first: { probability: number; low: number; high: number }
  }
  expect(tried.first.probability).toBeGreaterThan(0.8)
  const weightOf = (text: string) =>
    tried.texts.flatMap(({ pieces }) => pieces).find((piece) => piece.text === text)?.weight
  expect(weightOf('Gladly')).toBeGreaterThan(0)
  expect(weightOf('somebody')).toBeLessThan(0)
})

it('refuses three texts and an empty list by name', async () => {
  for (const texts of [[], ['a', 'b', 'c']]) {
    const { status, body } = await score(texts)
    expect([status, body.code]).toEqual([400, 'bad_input'])
    expect(String(body.where)).toContain('texts')
  }
})
