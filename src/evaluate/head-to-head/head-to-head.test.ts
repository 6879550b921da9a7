import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Duel, duel } from '../../../test/duel.ts'
import { addTasks, somePrompts } from '../../../test/project.ts'
import { setWithdrawn } from '../../collect/tasks/queue.ts'
import { queueState } from '../../collect/tasks/states.ts'
import { rewardFollower } from '../../learn/reward/store.ts'
import { catchUp } from '../../platform/events.ts'
import { newId } from '../../platform/ids.ts'
import { all, inTransaction, one } from '../../platform/sql.ts'
import { addProject } from '../../projects/store.ts'
import { advanceHeadToHeads } from './advance.ts'
import type { HeadToHead, Pair } from './contract.ts'
import { headToHead } from './read.ts'
import { askMorePeople, finishHeadToHead, type NewHeadToHead, retryHeadToHead, startHeadToHead } from './start.ts'

/** The candidate apologises, the baseline does not; to every tenth question both say the same. */
const numberIn = (question: string) => Number(/\d+/.exec(question)![0])
let isBroken: (n: number) => boolean = () => false
let at: Duel
beforeAll(async () => {
  at = await duel(({ model, messages }) => {
    const n = numberIn(messages.at(-1)!.content)
    if (model === 'candidate' && isBroken(n)) return 400
    if (n % 10 === 0) return 'I do not know.'
    return model === 'candidate' ? `I am sorry, it is ${n + 1}, and I am glad to help.` : `It is ${n + 1}.`
  })
})
afterAll(() => at.close())

const start = (more: Partial<NewHeadToHead> = {}) =>
  inTransaction(at.db, (trx) =>
    startHeadToHead(trx, at.http.platform, {
      project: at.project,
      candidate: at.candidate,
      baseline: at.baseline,
      prompts: { tag: 'held-out' },
      ...more,
    }),
  )
const found = async (id: string) => (await headToHead(at.db, at.project, id))!
const politeWins = (first: string) => ({ strength: first.includes('sorry') ? -2 : 2 })

describe('a head to head', () => {
  it('draws one answer of each to each prompt, asks people blind about the pairs, and ends when they have answered', async () => {
    const id = await start({ overlap: 3, reward: 'online' })
    expect(await found(id)).toMatchObject({ state: 'sampling', prompts: 20 })
    await at.settle()
    expect(await found(id)).toMatchObject({
      state: 'judging',
      identical: 2,
      progress: { responses: { done: 40, failed: 0, total: 40 }, judgements: { done: 0, wanted: 54 } },
    })
    const tasks = await all(
      at.db,
      sql<{ purpose: string; overlap: number }>`SELECT purpose, overlap FROM tasks WHERE project_id = ${at.project}`,
    )
    expect(tasks).toHaveLength(18)
    expect(tasks[0]).toEqual({ purpose: 'evaluation', overlap: 3 })
    // Two of three prefer the candidate; one says twice that both are bad, else a tie.
    let bad = 0
    expect(
      await at.answer((first, _second, person) =>
        person < 2 ? politeWins(first) : bad++ < 2 ? { bothBad: true } : { strength: 0 },
      ),
    ).toBe(54)
    await at.settle()
    const result = await found(id)
    expect(result).toMatchObject({
      state: 'done',
      human: { wins: 36, losses: 0, ties: 22, tiesByRule: 6, bothBad: 2, judgements: 54, people: 3, simulated: false },
      byReward: { reward: 'online', winRate: { undefined: 'The reward has learned nothing yet.' } },
      kl: { undefined: expect.stringContaining('lie here') },
    })
    expect(result.human.winRate).toMatchObject({ value: 47 / 58, n: 58 })
    expect(result.texts.find(({ check }) => check === 'repetition')).toMatchObject({ candidate: { value: 0, n: 20 } })
    expect(result.length.ratio).toMatchObject({
      value: expect.closeTo(result.length.candidate! / result.length.baseline!),
    })
    const events = await all(at.db, sql`SELECT data FROM events WHERE kind = 'head-to-head.ended' AND subject = ${id}`)
    expect(events).toMatchObject([{ data: { headToHead: id, state: 'done', candidate: at.candidate } }])
  })
  it('asks more people of each pair once it has ended, but for what a lead took out', async () => {
    const id = await start({ seed: 5 })
    const ask = (overlap: number) =>
      inTransaction(at.db, (trx) => askMorePeople(trx, at.http.platform, { project: at.project, id, overlap }))
    await at.settle()
    await expect(ask(2)).rejects.toMatchObject({ code: 'conflict' })
    const given = await at.answer((first) => politeWins(first), 6)
    const { task } = await one(
      at.db,
      sql<{ task: string }>`
        SELECT p.task_id AS task FROM head_to_head_pairs p JOIN queue q ON q.task_id = p.task_id
        WHERE p.head_to_head_id = ${id} AND q.state = ${queueState.open} LIMIT 1`,
    )
    await setWithdrawn(at.db, at.project, [task], true)
    await inTransaction(at.db, (trx) => finishHeadToHead(trx, at.http.platform, { project: at.project, id }))
    await at.settle()
    expect((await found(id)).human.judgements).toBe(given)
    await expect(ask(1)).rejects.toMatchObject({ code: 'bad_input', where: 'overlap' })
    await ask(2)
    expect(await found(id)).toMatchObject({ state: 'judging', progress: { judgements: { done: given, wanted: 34 } } })
    await at.answer((first) => politeWins(first))
    await at.settle()
    expect(await found(id)).toMatchObject({ state: 'done', plan: { overlap: 2 }, human: { judgements: 34 } })
  })
  it('fails where answers are missing, says why, and goes on from there once they can be had', async () => {
    isBroken = (n) => n % 2 === 1
    const id = await start({ seed: 7 })
    await at.settle()
    expect(await found(id)).toMatchObject({
      state: 'failed',
      problem: { code: 'bad_input', message: expect.stringContaining('10 of 40 answers are missing') },
    })
    isBroken = () => false
    await inTransaction(at.db, (trx) => retryHeadToHead(trx, at.http.platform, { project: at.project, id }))
    await at.settle()
    expect(await found(id)).toMatchObject({ state: 'judging', problem: null, progress: { responses: { done: 40 } } })

    // Closed early, it ends with what is there.
    expect(await at.answer(politeWins, 5)).toBe(5)
    expect(
      await inTransaction(at.db, (trx) => finishHeadToHead(trx, at.http.platform, { project: at.project, id })),
    ).toBe(13)
    await at.settle()
    expect(await found(id)).toMatchObject({ state: 'done', human: { wins: 5, ties: 1, judgements: 5 } })
  })

  it('refuses what cannot be compared, and leaves nothing behind', async () => {
    const count = () => all(at.db, sql`SELECT 1 FROM jobs`).then(({ length }) => length)
    const before = await count()
    await expect(start({ baseline: at.candidate })).rejects.toMatchObject({ code: 'bad_input', where: 'baseline' })
    await expect(start({ prompts: { tag: 'no such tag' } })).rejects.toMatchObject({ code: 'bad_input' })
    await expect(start({ prompts: { heldOutOf: at.project } })).rejects.toMatchObject({ code: 'not_found' })
    await expect(start({ reward: at.candidate })).rejects.toMatchObject({ code: 'not_found', where: 'reward' })
    await expect(start({ baseline: at.project })).rejects.toMatchObject({ code: 'not_found' })
    expect(await count()).toBe(before)
  })
  it('makes each task once and says once that it has ended, however many replicas move it on', async () => {
    const id = await start({ seed: 9, limit: 8 })
    const counts = () =>
      one(
        at.db,
        sql<{ tasks: number; events: number; measured: number }>`
          SELECT (SELECT count(*)::int FROM tasks t JOIN head_to_head_pairs p ON p.task_id = t.id WHERE p.head_to_head_id = ${id}) AS tasks,
            (SELECT count(*)::int FROM events WHERE kind = 'head-to-head.ended' AND subject = ${id}) AS events,
            (SELECT count(*)::int FROM jobs WHERE kind = 'head-to-head' AND input->>'headToHead' = ${id}) AS measured`,
      )
    at.http.platform.jobs.wake()
    const many = async () => {
      await Promise.all([1, 2, 3, 4].map(() => advanceHeadToHeads(at.http.platform)))
      return (await found(id)).state
    }
    await expect.poll(many, { timeout: 20_000, interval: 20 }).toBe('judging')
    const { identical } = await found(id)
    expect(await counts()).toEqual({ tasks: 8 - identical, events: 0, measured: 1 })
    await at.answer(politeWins)
    await expect.poll(many, { timeout: 20_000, interval: 20 }).toBe('done')
    await many()
    expect(await counts()).toMatchObject({ events: 1, measured: 1 })
  })
})

it('names no reward model of another project, whatever one here is called', async () => {
  const elsewhere = await addProject(at.db, { name: 'Elsewhere' }, undefined)
  const [theirs, ours] = [newId(), newId()]
  for (const [id, project, name] of [
    [theirs, elsewhere, 'theirs'],
    [ours, at.project, theirs],
  ])
    await sql`
      INSERT INTO checkpoints (id, project_id, name, head, path, base, parameters, bytes, hash)
      VALUES (${id}, ${project}, ${name}, 'scalar', '', 'preset:1m', 1, 1, '')`.execute(at.db)
  expect((await found(await start({ reward: theirs, limit: 2 }))).byReward).toMatchObject({
    reward: ours,
    name: theirs,
  })
  await at.settle()
  await at.answer(politeWins)
  await at.settle()
})

it('that cannot be moved on keeps no other from moving', async () => {
  const stuck = await start({ limit: 2, seed: 20 })
  await at.settle()
  await at.answer(politeWins)
  await sql`UPDATE head_to_heads SET measure_job = ${newId()} WHERE id = ${stuck}`.execute(at.db)
  const other = await start({ limit: 2, seed: 21 })
  await expect
    .poll(async () => {
      await advanceHeadToHeads(at.http.platform)
      return (await found(other)).state
    })
    .not.toBe('sampling')
  await sql`UPDATE head_to_heads SET state = 'failed' WHERE id = ${stuck}`.execute(at.db)
  await at.answer(politeWins)
  await at.settle()
})

it('is in the audit log whoever began it, with its samples and its tasks', async () => {
  const id = await start({ limit: 4, seed: 22 })
  await at.settle()
  await at.answer(politeWins)
  await at.settle()
  const rows = await all(
    at.db,
    sql`SELECT actor, action FROM audit WHERE subject = ${`head-to-head ${id}`} ORDER BY position`,
  )
  expect(rows).toEqual([
    { actor: 'system', action: 'head-to-head.start' },
    { actor: 'system', action: 'task.create' },
  ])
  const sampled = await all(
    at.db,
    sql`SELECT 1 FROM audit a JOIN samples s ON a.subject = 'job ' || s.job_id JOIN head_to_head_pairs p ON p.candidate_sample = s.id
      WHERE a.action = 'sample.start' AND p.head_to_head_id = ${id} LIMIT 1`,
  )
  expect(sampled).toHaveLength(1)
})

describe('over the API', () => {
  const call = async (method: string, path: string, body?: unknown) => {
    const answered = await at.http.call(method, `/projects/${at.project}${path}`, { key: at.lead.key, body })
    expect([answered.status, answered.body]).toEqual([200, answered.body])
    return answered.body
  }
  let id: string

  it('starts one, and shows pairs where people and reward disagree first', async () => {
    // The reward has learned that apologies are bad; people say the opposite in every third pair only.
    const lessons = somePrompts(12, 500).map((prompt) => ({
      ...prompt,
      responses: [{ text: 'I am sorry, and I am glad to help.' }, { text: 'It is so.' }],
    }))
    await addTasks(at.db, at.project, lessons, 1)
    await at.answer((first) => ({ strength: first.includes('sorry') ? 3 : -3 }))
    await catchUp(at.db, [rewardFollower])
    const { candidate, baseline } = at
    const prompts = { tag: 'held-out' }
    const begun = await call('POST', '/head-to-heads', { candidate, baseline, prompts, reward: 'online', seed: 3 })
    expect(begun).toMatchObject({ state: 'sampling', prompts: 20, candidate: { name: 'candidate' } })
    id = String(begun.id)
    await at.settle()
    let asked = 0
    await at.answer((first) => (asked++ % 3 === 0 ? politeWins(first) : { strength: -politeWins(first).strength }))
    await at.settle()
    expect(await call('GET', `/head-to-heads/${id}`)).toMatchObject({
      state: 'done',
      human: { wins: 6, losses: 12, ties: 2 },
      byReward: { wins: 0, losses: 18, ties: 2 },
    })
    const { rows } = (await call('GET', `/head-to-heads/${id}/pairs`)) as unknown as { rows: Pair[] }
    expect(rows).toHaveLength(20)
    expect(rows.slice(0, 6).every(({ people }) => people.winner === 'candidate')).toBe(true)
    expect(rows.slice(6).every(({ people, reward }) => people.winner === reward!.winner)).toBe(true)
    expect(rows[0]).toMatchObject({
      turns: [{ role: 'user', text: /plus one/ }],
      candidate: /sorry/,
      baseline: /^It is/,
      task: expect.any(String),
      people: { wins: 1, losses: 0 },
      reward: { winner: 'baseline' },
    })
    const disagreeing = (await call('GET', `/head-to-heads/${id}/pairs?disagree=true`)) as unknown as { rows: Pair[] }
    expect(disagreeing.rows.map(({ prompt }) => prompt)).toEqual(rows.slice(0, 6).map(({ prompt }) => prompt))
  })

  it('filters by who won, and pages through without a gap', async () => {
    const ties = (await call('GET', `/head-to-heads/${id}/pairs?winner=tie`)) as unknown as { rows: Pair[] }
    expect(ties.rows.map(({ identical, candidate }) => [identical, candidate])).toEqual([
      [true, 'I do not know.'],
      [true, 'I do not know.'],
    ])
    const seen: string[] = []
    for (let next: string | null = ''; next !== null; ) {
      const page = (await call(
        'GET',
        `/head-to-heads/${id}/pairs?limit=7${next && `&after=${encodeURIComponent(next)}`}`,
      )) as unknown as { rows: Pair[]; next: string | null }
      seen.push(...page.rows.map(({ prompt }) => prompt))
      next = page.next
    }
    expect(new Set(seen).size).toBe(20)
    expect(seen).toHaveLength(20)
  })

  it('fixes whom the project’s quality suspects when it begins, and hears them not at all', async () => {
    const lessons = somePrompts(60, 2000).map((prompt) => ({
      ...prompt,
      responses: [{ text: 'I am sorry, and I am glad to help.' }, { text: 'It is so.' }],
    }))
    await addTasks(at.db, at.project, lessons, 3)
    let turn = 0
    // The last one answers whatever comes.
    await at.answer((first, _second, person) =>
      person < 2 ? politeWins(first) : { strength: turn++ % 4 < 2 ? 2 : -2 },
    )
    const careless = at.people[2]!.id
    const { candidate, baseline } = at
    const asked = {
      candidate,
      baseline,
      prompts: { tag: 'held-out' },
      overlap: 3,
      seed: 30,
      withoutPeople: [at.people[0]!.id],
    }
    const begun = (await call('POST', '/head-to-heads', asked)) as unknown as HeadToHead
    // It is no choice of whoever begins it.
    expect(begun.plan.withoutPeople).toEqual([careless])
    await at.settle()
    await at.answer((first, _second, person) =>
      person < 2 ? politeWins(first) : { strength: -politeWins(first).strength },
    )
    await at.settle()
    expect(await call('GET', `/head-to-heads/${begun.id}`)).toMatchObject({
      human: { wins: 36, losses: 0, judgements: 36, people: 2, leftOut: { judgements: 18, people: 1 } },
    })
    const { rows } = (await call('GET', `/head-to-heads/${begun.id}/pairs?winner=candidate`)) as unknown as {
      rows: Pair[]
    }
    expect(rows[0]!.people).toMatchObject({ wins: 2, losses: 0, leftOut: 1 })
    id = begun.id
  })

  it('lists them, the newest first, a page at a time', async () => {
    const first = (await call('GET', '/head-to-heads?limit=1')) as unknown as { rows: HeadToHead[]; next: string }
    expect(first.rows.map((row) => row.id)).toEqual([id])
    const second = (await call('GET', `/head-to-heads?limit=1&after=${first.next}`)) as unknown as typeof first
    expect(second.rows[0]!.id < id).toBe(true)
  })

  it('writes an audit row for each change', async () => {
    const rows = await all(
      at.db,
      sql`SELECT actor FROM audit WHERE subject = ${`head-to-head ${id}`} ORDER BY position`,
    )
    expect(rows).toEqual([{ actor: at.lead.id }, { actor: 'system' }])
  })

  it('refuses a cursor that is none', async () => {
    const { status, body } = await at.http.call('GET', `/projects/${at.project}/head-to-heads?after=x`, {
      key: at.lead.key,
    })
    expect([status, body]).toMatchObject([400, { code: 'bad_input', where: 'after', message: 'This is not an id.' }])
  })

  it('refuses bad input by name', async () => {
    const post = (body: unknown) =>
      at.http.call('POST', `/projects/${at.project}/head-to-heads`, { key: at.lead.key, body })
    const { candidate, baseline } = at
    expect((await post({ candidate, baseline, overlap: 0 })).body).toMatchObject({
      code: 'bad_input',
      where: /overlap/,
    })
    const two = { tag: 'held-out', ids: at.prompts.slice(0, 1) }
    expect((await post({ candidate, baseline, prompts: two })).status).toBe(400)
    expect((await post({ candidate: 'x', baseline })).status).toBe(400)
    const again = await at.http.call('POST', `/projects/${at.project}/head-to-heads/${id}/retry`, {
      key: at.lead.key,
      body: {},
    })
    expect([again.status, again.body.message]).toEqual([409, 'No answer is missing.'])
  })
})
