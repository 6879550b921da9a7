import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { consensusOfProject } from '../../../test/consensus.ts'
import { lockWaits } from '../../../test/database.ts'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import {
  addPerson,
  addTasks,
  join,
  somePrompts,
  type TestPerson,
  type TestProject,
  testProject,
} from '../../../test/project.ts'
import { expireLeases } from '../../collect/tasks/queue.ts'
import { lockSubmission } from '../../collect/tasks/store.ts'
import { catchUp } from '../../platform/events.ts'
import { inTransaction, one } from '../../platform/sql.ts'
import { addProject, changeProject } from '../../projects/store.ts'
import { consensusFollower, rebuildConsensus } from '../consensus/store.ts'
import { isSampled } from './rules.ts'
import { reviewSampler } from './store.ts'

let at: TestProject
let http: TestHttp
let project: string
let ada: TestPerson
let rita: TestPerson
let lead: TestPerson
beforeAll(async () => {
  at = await testProject({ tasks: 0, annotators: 0 })
  http = await testHttp(at)
  ada = await addPerson(at.db, 'Ada')
  rita = await addPerson(at.db, 'Rita')
  lead = await addPerson(at.db, 'Lead')
})
afterAll(() => at.database.close())
beforeEach(async () => {
  project = await addProject(at.db, { name: 'Review' }, undefined)
  await changeProject(at.db, project, { settings: { reviewShare: 1 } })
  await addTasks(at.db, project, somePrompts(3), 1)
  await join(at.db, project, ada, 'annotator')
  await join(at.db, project, rita, 'reviewer')
  await join(at.db, project, lead, 'lead')
})

const call = (person: TestPerson, method: string, path: string, body?: unknown, key?: string) =>
  http.call(method, path, { key: person.key, body, headers: key ? { 'idempotency-key': key } : {} })
const followers = () => catchUp(at.db, [consensusFollower, reviewSampler])

async function answerAs(
  person: TestPerson,
  strength: number,
): Promise<{ assignment: string; submission: string; task: string }> {
  const { body } = await call(person, 'POST', `/projects/${project}/claim`, {})
  const { id, task } = body.assignment as { id: string; task: string }
  const sent = await call(
    person,
    'POST',
    `/assignments/${id}/submit`,
    { annotations: [{ step: 'compare', payload: { strength } }], activeMs: 5 },
    id,
  )
  await followers()
  return { assignment: id, task, submission: String(sent.body.submission) }
}
const claimReview = async (person: TestPerson) =>
  (await call(person, 'POST', `/projects/${project}/reviews/claim`, {})).body
const decide = (assignment: string, body: object) =>
  call(rita, 'POST', `/projects/${project}/reviews/${assignment}`, body)
const labelOf = async (task: string) =>
  (await consensusOfProject(at.db, project)).find((row) => row.task === task && row.attribute === 'preference')?.label

describe('a reviewer', () => {
  it('who left the page comes back to the answer that is held, unless its author has undone it', async () => {
    const { submission } = await answerAs(ada, -2)
    const waiting = async () => (await call(rita, 'GET', `/projects/${project}/reviews/queue`)).body.waiting
    const held = (await claimReview(rita)).assignment
    expect((await claimReview(rita)).assignment).toMatchObject({ id: (held as { id: string }).id })
    expect(await waiting()).toBe(1)
    await call(ada, 'POST', `/submissions/${submission}/withdraw`, {})
    expect((await claimReview(rita)).assignment).toBeNull()
    expect(await waiting()).toBe(0)
  })

  it('sees the answer beside what its author saw, and not who it was', async () => {
    await answerAs(ada, -2)
    const review = await claimReview(rita)
    expect(review.answers).toEqual([{ step: 'compare', payload: { strength: -2 } }])
    expect(review.targets).toHaveLength(2)
    expect(JSON.stringify(review)).not.toContain(ada.id)
  })

  it('is never handed one’s own work', async () => {
    await answerAs(rita, 1)
    expect((await claimReview(rita)).assignment).toBeNull()
    expect((await claimReview(lead)).assignment).not.toBeNull()
  })

  it('accepts: the answer stays as it is', async () => {
    const { task } = await answerAs(ada, -2)
    const review = await claimReview(rita)
    expect((await decide((review.assignment as { id: string }).id, { verdict: 'accept' })).status).toBe(200)
    await followers()
    expect(await labelOf(task)).toBe('first')
    expect((await claimReview(rita)).assignment).toBeNull()
  })

  it('corrects: a new row supersedes the old, and consensus counts it instead', async () => {
    const { task } = await answerAs(ada, -2)
    const id = ((await claimReview(rita)).assignment as { id: string }).id
    expect((await decide(id, { verdict: 'correct' })).body).toMatchObject({ code: 'bad_input', where: 'answers' })
    const decided = await decide(id, {
      verdict: 'correct',
      reason: 'the second is right',
      answers: [{ step: 'compare', payload: { strength: 3 } }],
    })
    expect(decided.status).toBe(200)
    await followers()
    expect(await labelOf(task)).toBe('second')
    await rebuildConsensus(at.db, project)
    expect(await labelOf(task)).toBe('second')
    const shown = (await call(lead, 'GET', `/projects/${project}/tasks/${task}`)).body.annotations as {
      inForce: boolean
      supersedes: string | null
    }[]
    expect(shown.map(({ inForce }) => inForce)).toEqual([false, true])
    expect(shown[1]!.supersedes).not.toBeNull()
    expect((await decide(id, { verdict: 'accept' })).body.code).toBe('lease_lost')
    const listed = async (query: string) =>
      ((await call(lead, 'GET', `/projects/${project}/reviews?verdict=${query}`)).body.rows as object[]).length
    expect([await listed('correct,return'), await listed('accept,return')]).toEqual([1, 0])
    // Its author reads both, and not whose the other is.
    const notesOfAda = async () => (await call(ada, 'GET', `/projects/${project}/quality/mine`)).body.notes as object[]
    const notes = await notesOfAda()
    expect(notes).toMatchObject([
      {
        verdict: 'correct',
        reason: 'the second is right',
        corrected: { yours: [{ payload: { strength: -2 } }], theirs: [{ payload: { strength: 3 } }] },
      },
    ])
    expect(JSON.stringify(notes)).not.toContain(rita.id)
    // Of a task with a key, that would tell it.
    await sql`UPDATE tasks SET purpose = 'gold' WHERE id = ${task}`.execute(at.db)
    expect(await notesOfAda()).toMatchObject([{ verdict: 'correct', corrected: null }])
    await changeProject(at.db, project, { settings: { explainGold: true } })
    expect(await notesOfAda()).toEqual(notes)
  })

  it('returns with a reason: its author sees it, answers again, and the new answer supersedes', async () => {
    const { task, assignment } = await answerAs(ada, -2)
    const id = ((await claimReview(rita)).assignment as { id: string }).id
    expect((await decide(id, { verdict: 'return' })).body).toMatchObject({ code: 'bad_input', where: 'reason' })
    expect((await decide(id, { verdict: 'return', reason: 'Read the question again.' })).status).toBe(200)
    const held = (await call(ada, 'GET', `/projects/${project}/work`)).body.rows as {
      returned: string
      draft: unknown
      assignment: { id: string }
    }[]
    expect(held).toMatchObject([
      {
        returned: 'Read the question again.',
        assignment: { id: assignment },
        draft: [{ step: 'compare', payload: { strength: -2 } }],
      },
    ])
    const again = await call(
      ada,
      'POST',
      `/assignments/${assignment}/submit`,
      { annotations: [{ step: 'compare', payload: { strength: 2 } }], activeMs: 5 },
      'again',
    )
    expect(again.status).toBe(200)
    await followers()
    expect(await labelOf(task)).toBe('second')
    const mine = (await call(ada, 'GET', `/projects/${project}/quality/mine`)).body
    expect(mine).toMatchObject({
      reviews: { returned: 1 },
      notes: [{ verdict: 'return', reason: 'Read the question again.' }],
    })
  })

  it('finds nothing to decide where the author has undone the answer', async () => {
    const { submission } = await answerAs(ada, -2)
    const id = ((await claimReview(rita)).assignment as { id: string }).id
    expect((await call(ada, 'POST', `/submissions/${submission}/withdraw`, {})).status).toBe(200)
    expect((await decide(id, { verdict: 'accept' })).body.code).toBe('gone')
  })

  it('is not handed an answer again that was undone, once the review of it ran out', async () => {
    const { submission } = await answerAs(ada, -2)
    await claimReview(rita)
    await call(ada, 'POST', `/submissions/${submission}/withdraw`, {})
    await followers()
    at.clock.advance(3600)
    await expireLeases(at.db, at.clock.read())
    expect((await claimReview(rita)).assignment).toBeNull()
  })
})

it('is asked for once: what waits is moved ahead, and what was reviewed is not reviewed again', async () => {
  await answerAs(ada, -2)
  const { submission, task } = await answerAs(ada, 1)
  const ask = () => call(lead, 'POST', `/projects/${project}/submissions/${submission}/review`, {})
  const asked = await ask()
  const { id, task: review } = (await claimReview(rita)).assignment as { id: string; task: string }
  expect(review).toBe(asked.body.task)
  await decide(id, { verdict: 'accept' })
  expect((await ask()).body).toMatchObject({ code: 'conflict', where: 'submission' })
  await followers()
  expect(await labelOf(task)).toBe('second')
})

it('an answer cannot be undone by a call that waited while a reviewer corrected it', async () => {
  const { submission } = await answerAs(ada, -2)
  const { id } = (await claimReview(rita)).assignment as { id: string }
  const waiting = () => lockWaits(at.database.pool)
  const [corrected, undone] = await inTransaction(at.db, async (trx) => {
    await lockSubmission(trx, submission)
    const answers = [{ step: 'compare', payload: { strength: 3 } }]
    const correcting = decide(id, { verdict: 'correct', answers })
    await expect.poll(waiting, { timeout: 10_000 }).toBe(1)
    const undoing = call(ada, 'POST', `/submissions/${submission}/withdraw`, {})
    await expect.poll(waiting, { timeout: 10_000 }).toBe(2)
    return [correcting, undoing].map((sent) => ({ sent }))
  })
  expect((await corrected!.sent).status).toBe(200)
  expect((await undone!.sent).body.code).toBe('conflict')
})

it('a correction says when it was begun and in which order the responses stood', async () => {
  await answerAs(ada, -2)
  const { id } = (await claimReview(rita)).assignment as { id: string }
  const openedAt = '2026-03-02T09:00:00.000Z'
  await decide(id, { verdict: 'correct', openedAt, answers: [{ step: 'compare', payload: { strength: 3 } }] })
  const written = await one(
    at.db,
    sql<{ order: number[]; openedAt: Date }>`
      SELECT a.shown->'order' AS "order", s.opened_at AS "openedAt" FROM annotations a
      JOIN submissions s ON s.id = a.submission_id WHERE a.assignment_id = ${id}`,
  )
  expect(written).toEqual({ order: [0, 1], openedAt: new Date(openedAt) })
})

it('an answer that another has replaced can be undone no more: neither a corrected one, nor a returned one', async () => {
  const { task, submission } = await answerAs(ada, -2)
  const review = ((await claimReview(rita)).assignment as { id: string }).id
  const correction = { verdict: 'correct', reason: 'no', answers: [{ step: 'compare', payload: { strength: 3 } }] }
  await decide(review, correction)
  const undone = await call(ada, 'POST', `/submissions/${submission}/withdraw`, {})
  expect([undone.status, undone.body.code]).toEqual([409, 'conflict'])

  const second = await answerAs(ada, -2)
  const id = ((await claimReview(rita)).assignment as { id: string }).id
  await decide(id, { verdict: 'return', reason: 'Again, please.' })
  const body = { annotations: [{ step: 'compare', payload: { strength: 2 } }], activeMs: 5 }
  await call(ada, 'POST', `/assignments/${second.assignment}/submit`, body, 'again')
  expect((await call(ada, 'POST', `/submissions/${second.submission}/withdraw`, {})).body.code).toBe('conflict')
  await followers()
  expect([await labelOf(task), await labelOf(second.task)]).toEqual(['second', 'second'])
})

it('a correction is decided, and not undone like an answer of one’s own', async () => {
  const { task } = await answerAs(ada, -2)
  const id = ((await claimReview(rita)).assignment as { id: string }).id
  await decide(id, { verdict: 'correct', reason: 'no', answers: [{ step: 'compare', payload: { strength: 3 } }] })
  const { annotations } = (await call(lead, 'GET', `/projects/${project}/tasks/${task}`)).body
  const { submission } = (annotations as { submission: string }[]).at(-1)!
  expect((await call(rita, 'POST', `/submissions/${submission}/withdraw`, {})).body.code).toBe('bad_input')
})

it('an undone second answer puts the returned first one back in force', async () => {
  const { task, assignment } = await answerAs(ada, -2)
  const id = ((await claimReview(rita)).assignment as { id: string }).id
  await decide(id, { verdict: 'return', reason: 'Again, please.' })
  const again = await call(
    ada,
    'POST',
    `/assignments/${assignment}/submit`,
    { annotations: [{ step: 'compare', payload: { strength: 2 } }], activeMs: 5 },
    'again',
  )
  await call(ada, 'POST', `/submissions/${again.body.submission}/withdraw`, {})
  await followers()
  expect(await labelOf(task)).toBe('first')
})

it('draws the reviewed share from the submission alone, about as many as asked', () => {
  const ids = Array.from({ length: 4000 }, () => crypto.randomUUID())
  const drawn = ids.filter((id) => isSampled(id, 0.25)).length
  expect(drawn).toBeGreaterThan(880)
  expect(drawn).toBeLessThan(1120)
  expect(ids.some((id) => isSampled(id, 0))).toBe(false)
  expect(ids.every((id) => isSampled(id, 1))).toBe(true)
})
