import { rmSync } from 'node:fs'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addModel, isBuilt } from '../../../test/checkpoint.ts'
import { type Duel, duel } from '../../../test/duel.ts'
import type { Checkpoint } from '../../models/checkpoints/store.ts'
import { newId } from '../../platform/ids.ts'
import { all, inTransaction } from '../../platform/sql.ts'
import { gatesOf } from '../gates/read.ts'
import { headToHead, startHeadToHead } from './read.ts'

describe.skipIf(!isBuilt)('models whose files lie here (needs npm run build)', () => {
  let at: Duel
  let one: Checkpoint
  let other: Checkpoint
  let reward: Checkpoint
  beforeAll(async () => {
    at = await duel(() => 404, { prompts: 12, people: 1 })
    one = await addModel(at, { name: 'one', seed: 1 })
    other = await addModel(at, { name: 'other', seed: 2 })
    reward = await addModel(at, { name: 'reward', seed: 3, head: 'scalar' })
  })
  afterAll(async () => {
    await at.close()
    rmSync(at.platform.dataDir, { recursive: true, force: true })
  })
  const run = async (more: object = {}) => {
    const id = await inTransaction(at.db, (trx) =>
      startHeadToHead(trx, at.http.platform, {
        project: at.project,
        candidate: one.policy!,
        baseline: other.policy!,
        parameters: { maxTokens: 12 },
        reward: reward.id,
        ...more,
      }),
    )
    await at.settle()
    return (await headToHead(at.db, at.project, id))!
  }

  it('are measured: KL on the candidate’s own answers, scores by a reward model, and that reward’s taste for junk', async () => {
    const result = await run()
    expect(result).toMatchObject({ state: 'judging', bothLocal: true, byReward: { name: 'reward' } })
    const { kl, byReward } = result
    if ('undefined' in kl) throw new Error(kl.undefined)
    // Two models drawn at random are close to uniform: apart, and not far.
    expect(kl.low).toBeGreaterThan(0)
    expect(kl.n).toBeGreaterThan(12)
    expect(byReward!.wins + byReward!.losses + byReward!.ties).toBe(12)
    expect(byReward!.ties).toBeLessThan(12)
    const probes = await all(
      at.db,
      sql<{
        own: object
      }>`SELECT probes->${reward.id} AS own FROM head_to_head_pairs WHERE head_to_head_id = ${result.id}`,
    )
    expect(Object.keys(probes[0]!.own).sort()).toEqual(['baseline', 'candidate', 'junk'])
    const gates = await gatesOf(at.db, at.project, result.id)
    expect(gates.find(({ gate }) => gate === 'kl')).toMatchObject({ required: true, verdict: expect.any(String) })
  })

  it('that are the same model are at no distance, and tie everywhere by rule: nobody is asked', async () => {
    const copy = await addModel(at, { name: 'copy', seed: 1 })
    const result = await run({ baseline: copy.policy! })
    expect(result).toMatchObject({ state: 'done', identical: 12, human: { ties: 12, judgements: 0 } })
    expect(result.kl).toMatchObject({ value: expect.closeTo(0, 6) })
    expect(result.byReward).toMatchObject({ ties: 12, winRate: { value: 0.5 } })
  })

  it('have their reward held against junk where a run trained them by it', async () => {
    const [snapshot, training] = [newId(), newId()]
    await sql`
      INSERT INTO snapshots (id, project_id, name, kind, filters, hash, counts, card)
      VALUES (${snapshot}, ${at.project}, 's', 'preference', '{}', '\\x00', '{}', '')`.execute(at.db)
    const [seen, held] = at.prompts
    for (const [row, prompt, split] of [
      [0, seen, 'train'],
      [1, held, 'test'],
    ])
      await sql`
        INSERT INTO snapshot_rows (snapshot_id, row, split, prompt_id, message_id, chosen, annotations, digest)
        VALUES (${snapshot}, ${row}, ${split}, ${prompt}, ${prompt}, ${prompt}, '{}', '\\x00')`.execute(at.db)
    await sql`
      INSERT INTO runs (id, project_id, name, algorithm, spec, snapshot_id, base, base_id, reward_id, state)
      VALUES (${training}, ${at.project}, 'r', 'grpo', '{}', ${snapshot}, 'other', ${other.id}, ${reward.id}, 'done')`.execute(
      at.db,
    )
    const tuned = await addModel(at, { name: 'tuned', seed: 4, baseId: other.id, base: 'other', runId: training })
    const result = await run({ candidate: tuned.policy!, reward: undefined })
    expect(result).toMatchObject({ byReward: null, trainedOn: 1 })
    const others = await run({ candidate: tuned.policy!, limit: 11, reward: undefined })
    expect(others).toMatchObject({ prompts: 11, trainedOn: 0 })
    const held2 = await run({ candidate: tuned.policy!, prompts: { heldOutOf: snapshot }, reward: undefined })
    expect(held2).toMatchObject({ prompts: 1, trainedOn: 0 })
    await at.answer(() => ({ strength: -1 }))
    await at.settle()
    const probe = (await gatesOf(at.db, at.project, result.id)).find(({ gate }) => gate === 'reward-probe')
    expect(probe).toMatchObject({ required: true, value: expect.any(Number), n: 12 })
  })
})
