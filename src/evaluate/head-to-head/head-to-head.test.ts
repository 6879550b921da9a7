import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Duel, duel } from '../../../test/duel.ts'
import { all, inTransaction } from '../../platform/sql.ts'
import { headToHead } from './read.ts'
import { finishHeadToHead, type NewHeadToHead, retryHeadToHead, startHeadToHead } from './start.ts'

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
    expect(result.length.ratio).toMatchObject({
      value: expect.closeTo(result.length.candidate! / result.length.baseline!),
    })
    const events = await all(at.db, sql`SELECT data FROM events WHERE kind = 'head-to-head.ended' AND subject = ${id}`)
    expect(events).toMatchObject([{ data: { headToHead: id, state: 'done', candidate: at.candidate } }])
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
    expect(await inTransaction(at.db, (trx) => finishHeadToHead(trx, { project: at.project, id }))).toBe(13)
    await at.settle()
    expect(await found(id)).toMatchObject({ state: 'done', human: { wins: 5, ties: 2, judgements: 5 } })
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
})
