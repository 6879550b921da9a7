import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import {
  addMember,
  addTasks,
  somePrompts,
  type TestPerson,
  type TestProject,
  testProject,
} from '../../../test/project.ts'
import { catchUp } from '../../platform/events.ts'
import { all, one } from '../../platform/sql.ts'
import { changeProject } from '../../projects/store.ts'
import { consensusFollower } from '../consensus/store.ts'
import { compare, isRight } from './rules.ts'

let at: TestProject
let http: TestHttp
let lead: TestPerson
const people: TestPerson[] = []
beforeAll(async () => {
  at = await testProject({ tasks: 0, annotators: 0 })
  http = await testHttp(at)
  lead = await addMember(at, 'Lead', 'lead')
  for (const name of ['Ada', 'Ben', 'Cem', 'Dag']) people.push(await addMember(at, name, 'annotator'))
})
afterAll(() => at.database.close())

const call = async (method: string, path: string, body?: unknown, by = lead) =>
  http.call(method, `/projects/${at.project}${path}`, { key: by.key, body, headers: { 'idempotency-key': path } })

/** The person answers the next task; returns what was shown and sent. */
async function answer(by: TestPerson, payload: object) {
  const claimed = await call('POST', '/claim', {}, by)
  const { id, task } = claimed.body.assignment as { id: string; task: string }
  const sent = await send(by, id, payload)
  return { assignment: id, task, submission: sent, order: claimed.body.order as number[] }
}
async function send(by: TestPerson, assignment: string, payload: object, key = assignment) {
  const body = { annotations: [{ step: 'compare', payload }], activeMs: 5 }
  const headers = { 'idempotency-key': key }
  const sent = await http.call('POST', `/assignments/${assignment}/submit`, { key: by.key, body, headers })
  expect(sent.status).toBe(200)
  return sent.body.submission as string
}

/** One new task, before anything else that is open. */
async function newTask(overlap: number): Promise<string> {
  const before = await all(at.db, sql<{ id: string }>`SELECT id FROM tasks`)
  await addTasks(at.db, at.project, somePrompts(1, 1000 * before.length), overlap)
  const { id } = await one(at.db, sql<{ id: string }>`SELECT id FROM tasks ORDER BY id DESC LIMIT 1`)
  return id
}

const byHand = (payload: object) => ({ kind: 'answers', answers: [{ step: 'compare', payload }] })
const rightOf = async (task: string) => {
  const { body } = await call('GET', '/gold')
  return (body.rows as { id: string; right: object }[]).find(({ id }) => id === task)?.right
}
const close = (task: string) => sql`UPDATE queue SET state = 3 WHERE task_id = ${task}`.execute(at.db)

describe('a key by hand', () => {
  it('makes the task gold, is held against every answer, and leaves an audit row for each change', async () => {
    const task = await newTask(2)
    const set = await call('PUT', `/tasks/${task}/gold`, {
      from: byHand({ strength: -2, aspects: { safety: 0 } }),
      only: [{ step: 'compare', attribute: 'preference' }],
      explanation: 'The second counts wrong.',
      overlap: 3,
    })
    expect([set.status, set.body]).toMatchObject([
      200,
      {
        expected: [{ step: 'compare', attribute: 'preference', label: 'first' }],
        explanation: 'The second counts wrong.',
        by: { name: 'Lead' },
      },
    ])
    expect((await call('GET', `/tasks/${task}`)).body).toMatchObject({ purpose: 'gold', overlap: 3, remaining: 3 })
    expect(await rightOf(task)).toEqual({ undefined: 'not answered yet' })
    await answer(people[0]!, { strength: -1, aspects: { safety: 2 } })
    await answer(people[1]!, { strength: 1 })
    await answer(people[2]!, { bothBad: true })
    expect(await rightOf(task)).toMatchObject({ value: 1 / 3, n: 3 })
    // Who wrote the key knows it.
    await call('PUT', `/tasks/${task}/gold`, { from: byHand({ strength: -2 }), overlap: 4 })
    await answer(lead, { strength: -3 })
    expect(await rightOf(task)).toMatchObject({ value: 1 / 3, n: 3 })
    // Another key, another outcome: nothing is frozen but what a person has learned.
    await call('PUT', `/tasks/${task}/gold`, { from: byHand({ bothBad: true }) })
    expect(await rightOf(task)).toMatchObject({ value: 1 / 3, n: 3 })
    const gold = (await call('GET', '/quality/gold')).body as { people: { person: object; right: object }[] }
    expect(gold.people.map(({ right }) => (right as { value: number }).value)).toEqual([0, 0, 1])
    const audit = await all(
      at.db,
      sql<{ action: string; changed: boolean }>`
        SELECT action, before IS DISTINCT FROM after AS changed FROM audit WHERE subject = ${`task ${task}`} ORDER BY id`,
    )
    expect(audit).toEqual([
      { action: 'gold.set', changed: true },
      { action: 'gold.set', changed: true },
      { action: 'gold.set', changed: true },
    ])
  })

  it('is refused where the answers are none of the template, or nothing is left of them', async () => {
    const task = await newTask(1)
    const path = `/tasks/${task}/gold`
    const wrong = await call('PUT', path, { from: byHand({ strength: 7 }) })
    expect([wrong.status, wrong.body.code]).toEqual([400, 'bad_input'])
    const none = await call('PUT', path, {
      from: byHand({ strength: 1 }),
      only: [{ step: 'compare', attribute: 'quality' }],
    })
    expect([none.status, none.body.where]).toEqual([400, 'only'])
    const empty = await call('PUT', path, { from: { kind: 'consensus' } })
    expect([empty.status, empty.body.where]).toEqual([400, 'from'])
    await sql`UPDATE tasks SET purpose = 'evaluation' WHERE id = ${task}`.execute(at.db)
    expect((await call('PUT', path, { from: byHand({ strength: 1 }) })).body.message).toMatch(/cannot be gold/)
    expect((await call('GET', path)).body.key).toBeNull()
    await close(task)
  })

  it('goes, and the task is for what it was for before', async () => {
    const task = await newTask(1)
    await sql`UPDATE tasks SET purpose = 'calibration' WHERE id = ${task}`.execute(at.db)
    await call('PUT', `/tasks/${task}/gold`, { from: byHand({ strength: 1 }) })
    await call('PUT', `/tasks/${task}/gold`, { from: byHand({ strength: 2 }) })
    expect((await call('DELETE', `/tasks/${task}/gold`)).status).toBe(200)
    expect((await call('GET', `/tasks/${task}`)).body.purpose).toBe('calibration')
    expect((await call('DELETE', `/tasks/${task}/gold`)).status).toBe(404)
    await close(task)
  })
})

describe('a key from answers', () => {
  it('is what most say, and proves nothing about those who said it', async () => {
    const task = await newTask(2)
    const [a, b] = [await answer(people[0]!, { strength: 2 }), await answer(people[1]!, { strength: 1 })]
    expect([a.task, b.task]).toEqual([task, task])
    await catchUp(at.db, [consensusFollower])
    const shown = (await call('GET', `/tasks/${task}/gold`)).body
    expect(shown).toMatchObject({
      key: null,
      consensus: [{ attribute: 'preference', label: 'second' }],
      submissions: [
        { submission: a.submission, person: { name: 'Ada' }, isCorrection: false },
        { person: { name: 'Ben' } },
      ],
    })
    await call('PUT', `/tasks/${task}/gold`, { from: { kind: 'consensus' }, overlap: 4 })
    expect(await rightOf(task)).toEqual({ undefined: 'not answered yet' })
    // It comes to those who have not had it.
    expect((await answer(people[2]!, { strength: 3 })).task).toBe(task)
    expect(await rightOf(task)).toMatchObject({ value: 1, n: 1 })
    await close(task)
  })

  it('is one submission, and then proves something about the others', async () => {
    const task = await newTask(2)
    const [a] = [await answer(people[0]!, { strength: 2 }), await answer(people[1]!, { strength: -1 })]
    await call('PUT', `/tasks/${task}/gold`, { from: { kind: 'submission', submission: a.submission } })
    expect(await rightOf(task)).toMatchObject({ value: 0, n: 1 })
    const foreign = await call('PUT', `/tasks/${task}/gold`, { from: { kind: 'submission', submission: task } })
    expect([foreign.status, foreign.body.where]).toEqual([404, 'from.submission'])
  })
})

describe('after the answer', () => {
  const explain = (submission: string, by: TestPerson) => call('POST', `/submissions/${submission}/gold`, {}, by)

  it('says nothing unless the project wants it, and then what was expected, as it stood on the screen', async () => {
    const task = await newTask(2)
    await call('PUT', `/tasks/${task}/gold`, { from: byHand({ strength: -2 }), explanation: 'Count again.' })
    const ada = await answer(people[0]!, { strength: 1 })
    expect((await explain(ada.submission, people[0]!)).body).toEqual({ gold: null })
    await changeProject(at.db, at.project, { settings: { explainGold: true } })
    const stored = ['first', 'second']
    const [left, right] = ada.order.map((place) => stored[place])
    const seen = (label: string) => ({ [left!]: 'first', [right!]: 'second' })[label]
    expect((await explain(ada.submission, people[0]!)).body.gold).toEqual({
      agrees: false,
      explanation: 'Count again.',
      compared: [
        { step: 'compare', attribute: 'preference', said: seen('second'), expected: seen('first'), agrees: false },
      ],
    })
    expect((await explain(ada.submission, people[1]!)).status).toBe(404)
    // Undone and sent again, it is in force; what was said before the key was known is what counts as gold.
    await http.call('POST', `/submissions/${ada.submission}/withdraw`, { key: people[0]!.key, body: {} })
    const again = await send(people[0]!, ada.assignment, { strength: -1 }, 'again')
    expect((await explain(again, people[0]!)).body.gold).toMatchObject({ agrees: true })
    expect(await rightOf(task)).toMatchObject({ value: 0, n: 1 })
    // It decides which answer counts, and so it is a write like any other.
    const audited = await all(at.db, sql`SELECT actor, subject FROM audit WHERE action = 'gold.explain'`)
    expect(audited).toEqual([{ actor: people[0]!.id, subject: `submission ${ada.submission}` }])
    await close(task)
  })

  it('is found again under my work, by those who have learned it', async () => {
    const task = await newTask(1)
    await call('PUT', `/tasks/${task}/gold`, { from: byHand({ strength: -2 }), explanation: 'As the guideline says.' })
    const { submission } = await answer(people[1]!, { strength: -3 })
    const told = async () => {
      const { body } = await call('GET', '/my-answers', undefined, people[1]!)
      return (body.rows as { submission: string; told: object }[]).find((row) => row.submission === submission)!.told
    }
    expect(await told()).toBeNull()
    await explain(submission, people[1]!)
    expect(await told()).toMatchObject({ agrees: true, explanation: 'As the guideline says.' })
    await changeProject(at.db, at.project, { settings: { explainGold: false } })
    expect(await told()).toBeNull()
    await changeProject(at.db, at.project, { settings: { explainGold: true } })
  })

  it('says nothing of a task that is not gold, nor of an answer that was undone', async () => {
    const task = await newTask(1)
    const { submission } = await answer(people[0]!, { strength: 1 })
    expect((await explain(submission, people[0]!)).body).toEqual({ gold: null })
    await call('PUT', `/tasks/${task}/gold`, { from: byHand({ strength: -2 }) })
    await http.call('POST', `/submissions/${submission}/withdraw`, { key: people[0]!.key, body: {} })
    expect((await explain(submission, people[0]!)).body).toEqual({ gold: null })
    expect(await rightOf(task)).toEqual({ undefined: 'not answered yet' })
  })
})

describe('holding an answer against a key', () => {
  const key = [
    { step: 'compare', targets: ['a', 'b'], attribute: 'preference', label: 'first' },
    { step: 'compare', targets: ['a', 'b'], attribute: 'safety', label: 'tie' },
  ]
  const said = (targets: string[], payload: object) => [{ step: 'compare', kind: 'compare', targets, payload }]

  it('turns labels with the order of the targets, and leaves out what the answer does not speak of', () => {
    expect(compare(key, said(['b', 'a'], { strength: 2 }))).toEqual([
      { step: 'compare', attribute: 'preference', said: 'second', expected: 'second', agrees: true },
    ])
    expect(compare(key, said(['a', 'b'], { strength: 2 }), ['b', 'a'])).toMatchObject([
      { said: 'first', expected: 'second', agrees: false },
    ])
    expect(compare(key, said(['a', 'c'], { strength: 2 }))).toEqual([])
  })

  it('is right where all of it is, and neither where it says nothing', () => {
    const right = (payload: object) => isRight(compare(key, said(['a', 'b'], payload)))
    expect(right({ strength: -1 })).toBe(true)
    expect(right({ strength: -1, aspects: { safety: 0 } })).toBe(true)
    expect(right({ strength: -1, aspects: { safety: 1 } })).toBe(false)
    expect(isRight([])).toBeUndefined()
  })
})
