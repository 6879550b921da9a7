import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JudgedProject, judgedProject } from '../../../test/judged.ts'
import { addTasks, somePrompts } from '../../../test/project.ts'
import { rebuildConsensus } from '../../assure/consensus/store.ts'
import { writePromptBatch } from '../../collect/prompts/write.ts'
import { all, inTransaction } from '../../platform/sql.ts'
import { addProject, saltOf } from '../../projects/store.ts'
import type { DatasetKind, FiltersInput } from './contract.ts'
import { compareSnapshots } from './diff.ts'
import { previewOf } from './preview.ts'
import { findSnapshot, rowsOf, type Snapshot } from './read.ts'
import { filtersOf } from './rules.ts'
import { takeSnapshot } from './store.ts'

let at: JudgedProject
/** Of the policies of `judged.ts`, best last within each set. */
const order = ['No.', 'That cannot', 'Please look', 'You can send', 'I am sorry']
const quality = (text: string) => order.findIndex((beginning) => text.startsWith(beginning))
beforeAll(async () => {
  at = await judgedProject({ tasks: 80 })
})
afterAll(() => at.database.close())

const take = (filters: FiltersInput = {}, kind: DatasetKind = 'preference', project = at.project) =>
  takeSnapshot(at.db, { project, kind, filters }, at.clock.read())
async function rows({ id }: Pick<Snapshot, 'id'>, split?: 'train' | 'test') {
  const read = []
  for await (const row of rowsOf(at.db, id, split)) read.push(row)
  return read
}
const count = (filters: FiltersInput) => take(filters).then(({ counts }) => counts.rows)
const run = (query: ReturnType<typeof sql>) => query.execute(at.db)

describe('a snapshot', () => {
  it('has the same hash by itself and in a transaction of the caller, and is found by name, id and hash', async () => {
    const one = await take()
    const other = await inTransaction(at.db, (trx) =>
      takeSnapshot(trx, { project: at.project, kind: 'preference', filters: {} }, at.clock.read()),
    )
    expect(other.hash).toBe(one.hash)
    expect([one.name, other.name]).toEqual(['preference-1', 'preference-2'])
    for (const name of [one.id, one.name, one.hash.slice(0, 12)])
      expect((await findSnapshot(at.db, at.project, name))?.id).toBe(one.id)
    expect(await findSnapshot(at.db, await addProject(at.db, { name: 'Other' }, undefined), one.id)).toBeUndefined()
  })

  it('keeps what people said, as it was', async () => {
    const snapshot = await take()
    const taken = await rows(snapshot)
    expect(taken).toHaveLength(snapshot.counts.rows)
    expect(taken.length + snapshot.counts.leftOut.tie).toBe(80)
    for (const { prompt, chosen, rejected, margin, soft, annotations } of taken) {
      expect(prompt).toMatchObject([{ role: 'user', text: expect.stringContaining('arrived broken') }])
      expect(chosen).not.toBe(rejected)
      expect(margin).toBeGreaterThanOrEqual(0)
      expect(soft).toBeGreaterThan(0.5)
      expect(annotations).toHaveLength(3)
    }
  })

  it('is never changed', async () => {
    const { id } = await take()
    for (const attempt of [
      sql`UPDATE snapshots SET name = 'other' WHERE id = ${id}`,
      sql`UPDATE snapshot_rows SET soft = 0 WHERE snapshot_id = ${id}`,
      sql`DELETE FROM snapshot_rows WHERE snapshot_id = ${id}`,
    ])
      await expect(run(attempt)).rejects.toThrow('never changed')
  })

  it('is never taken under a name twice, nor of nothing', async () => {
    const wanted = { project: at.project, name: 'mine', kind: 'preference' as const }
    await takeSnapshot(at.db, wanted, at.clock.read())
    await expect(takeSnapshot(at.db, wanted, at.clock.read())).rejects.toMatchObject({
      code: 'conflict',
      where: 'name',
    })
    await expect(take({ tags: ['no such tag'] })).rejects.toMatchObject({ code: 'bad_input', where: 'filters' })
    await expect(take({ minVotes: 9 })).rejects.toMatchObject({ hint: expect.stringContaining('too few votes') })
    const drafts = await all(at.db, sql`SELECT 1 FROM snapshots WHERE hash IS NULL`)
    expect(drafts).toEqual([])
  })
})

describe('filters', () => {
  it('count by rule, votes and agreement', async () => {
    const majority = await take()
    expect((await take({ rule: 'each' })).counts.rows).toBeGreaterThan(2 * majority.counts.rows)
    expect((await take({ ties: 'half' })).counts.rows).toBe(80)
    expect(await count({ minAgreement: 1 })).toBeLessThan(majority.counts.rows)
    expect((await take({ rule: 'soft' })).hash).not.toBe(majority.hash)
  })

  it('let through people, roles, tags, times and guideline versions', async () => {
    const careless = at.people.careless!.id
    const without = await take({ rule: 'each', people: { exclude: [careless] } })
    const alone = await take({ rule: 'each', people: { include: [careless] } })
    const everyone = await take({ rule: 'each' })
    expect(without.counts.rows + alone.counts.rows).toBe(everyone.counts.rows)
    expect(alone.counts.annotations.people).toBe(1)
    expect(everyone.counts.annotations).toMatchObject({ people: 5, simulatedPeople: 5 })
    await expect(take({ people: { simulated: false } })).rejects.toMatchObject({ code: 'bad_input' })
    await expect(take({ people: { roles: ['reviewer'] } })).rejects.toMatchObject({ code: 'bad_input' })
    expect(await count({ rule: 'each', people: { roles: ['annotator'] } })).toBe(everyone.counts.rows)
    expect((await count({ tags: ['returns'] })) + (await count({ tags: ['delivery'] }))).toBe(await count({}))
    const middle = '2026-03-03T12:00:00Z'
    const [before, after] = [await count({ rule: 'each', to: middle }), await count({ rule: 'each', from: middle })]
    expect(before).toBeGreaterThan(0)
    expect(before + after).toBe(everyone.counts.rows)
    await expect(take({ guidelineVersions: [1] })).rejects.toMatchObject({ code: 'bad_input' })
  })

  it('weigh votes by who gave them, among those that the others let through', async () => {
    await rebuildConsensus(at.db, at.project)
    const weighed = await take({ rule: 'weighed' })
    const plain = new Map((await rows(await take({ rule: 'soft' }))).map((row) => [row.promptId, row]))
    const both = (await rows(weighed)).flatMap((row) => {
      const other = plain.get(row.promptId)
      return other ? [{ row, other }] : []
    })
    expect(both.length).toBeGreaterThan(70)
    // Two against one is nearly certain where the two are careful, and may turn where they are not.
    expect(both.some(({ row, other }) => other.soft! < 0.7 && row.soft! > 0.9)).toBe(true)
    const right = (list: { chosen: string; rejected: string | null }[]) =>
      list.filter(({ chosen, rejected }) => quality(chosen) > quality(rejected!)).length
    expect(right(both.map(({ row }) => row))).toBeGreaterThanOrEqual(right(both.map(({ other }) => other)))
    const strict = await take({ rule: 'weighed', minAgreement: 0.95 })
    expect((await rows(strict)).every(({ soft }) => soft! >= 0.95)).toBe(true)
    expect(await count({ rule: 'weighed', people: { exclude: [at.people.careless!.id] } })).toBeGreaterThan(50)
  })

  it('are counted before a dataset is taken, as they will be', async () => {
    for (const given of [{}, { rule: 'each' as const }, { minAgreement: 0.9 }, { tags: ['returns'] }]) {
      const { counts } = await take(given)
      const { rows, leftOut, about } = await previewOf(at.db, at.project, 'preference', filtersOf('preference', given))
      expect({ rows, leftOut, about }).toEqual({ rows: counts.rows, leftOut: counts.leftOut, about: false })
    }
  })

  it('never let gold, evaluation, calibration or review train, whatever they say', async () => {
    const [before, alike] = [await take(), await take({ rule: 'each', ties: 'half' })]
    const [{ id: task }] = (await all(
      at.db,
      sql<{ id: string }>`SELECT id FROM tasks WHERE project_id = ${at.project} ORDER BY id LIMIT 1`,
    )) as [{ id: string }]
    for (const purpose of ['gold', 'evaluation', 'calibration', 'review']) {
      await run(sql`UPDATE tasks SET purpose = ${purpose} WHERE id = ${task}`)
      const after = await take({ rule: 'each', ties: 'half' })
      expect(after.counts.rows, purpose).toBe(alike.counts.rows - 3)
      for (const sources of [['person'], ['import', 'person']] as const)
        expect((await take({ sources: [...sources] })).counts.rows).toBe(before.counts.rows - 1)
    }
    await run(sql`UPDATE tasks SET purpose = 'label' WHERE id = ${task}`)
  })
})

describe('the split', () => {
  const ids = async (snapshot: Snapshot, split: 'train' | 'test') =>
    new Set((await rows(snapshot, split)).map(({ promptId }) => promptId))

  it('puts no prompt on both sides, and is the same each time', async () => {
    const snapshot = await take({ rule: 'each', split: { test: 0.3, seed: 5, anew: true } })
    const [train, test] = [await ids(snapshot, 'train'), await ids(snapshot, 'test')]
    expect([...test].filter((id) => train.has(id))).toEqual([])
    expect(test.size).toBeGreaterThan(10)
    expect(test.size).toBeLessThan(40)
    expect(snapshot.counts.splits.test.prompts).toBe(test.size)
    const again = await take({ rule: 'each', split: { test: 0.3, seed: 5, anew: true } })
    expect(again.hash).toBe(snapshot.hash)
    expect(await ids(again, 'test')).toEqual(test)
  })

  it('holds out for good, unless asked otherwise', async () => {
    const first = await ids(await take({ split: { test: 0.5, seed: 9 } }), 'test')
    const later = await ids(await take({ split: { test: 0.1, seed: 10 } }), 'test')
    expect([...first].every((id) => later.has(id))).toBe(true)
    const anew = await ids(await take({ split: { test: 0.1, seed: 10, anew: true } }), 'test')
    expect(anew.size).toBeLessThan(first.size)
  })

  it('keeps what an evaluation has asked out of training', async () => {
    const snapshot = await take({ split: { test: 0, anew: true } })
    expect(snapshot.counts.splits.test.rows).toBe(0)
    const { promptId } = (await rows(snapshot))[0]!
    const [task] = await all(
      at.db,
      sql<{ id: string }>`
        INSERT INTO tasks (id, project_id, template_id, template_version, purpose, route, prompt_id, targets, overlap)
        SELECT gen_random_uuid(), project_id, template_id, template_version, 'evaluation', route, prompt_id, targets, 1
        FROM tasks WHERE prompt_id = ${promptId} RETURNING id`,
    )
    expect(await ids(await take({ split: { test: 0, anew: true } }), 'test')).toEqual(new Set([promptId]))
    await run(sql`DELETE FROM tasks WHERE id = ${task!.id}`)
  })
})

describe('two projects with the same content', () => {
  const story = (i: number) => Array.from({ length: 40 }, (_, w) => `w${(i * 7919 + w * 31) % 997}`).join(' ')
  const imported = (i: number) => ({
    turns: [{ role: 'user' as const, text: i % 2 ? `${story(i - 1)} please` : story(i) }],
    responses: [{ text: `good ${i}` }, { text: `bad ${i}` }],
    judgement: { kind: 'compare', targets: [0, 1], payload: { strength: -2 } },
    metadata: {},
  })
  async function project(order: number[]) {
    const id = await addProject(at.db, { name: 'Twin' }, undefined)
    const salt = await saltOf(at.db, id)
    for (const i of order)
      await inTransaction(at.db, (trx) => writePromptBatch(trx, { project: id, salt, at: new Date() }, [imported(i)]))
    return id
  }

  it('have the same hash, whatever the order in which it came, and near-duplicates lie together', async () => {
    const order = Array.from({ length: 40 }, (_, i) => i)
    const twins = await Promise.all([project(order), project([...order].reverse())])
    const [one, other] = await Promise.all(
      twins.map((twin) => take({ sources: ['import'], split: { test: 0.4 } }, 'preference', twin)),
    )
    expect(one!.hash).toBe(other!.hash)
    expect(one!.counts.alike).toEqual({ prompts: 40, groups: 20, alike: 40, largest: 2 })
    const sides = new Map((await rows(one!)).map(({ prompt, split }) => [prompt[0]!.text, split]))
    expect(new Set(sides.values()).size).toBe(2)
    for (let i = 0; i < 40; i += 2) expect(sides.get(`${story(i)} please`)).toBe(sides.get(story(i)))
    expect((await take({ sources: ['import'], split: { test: 0.2 } }, 'preference', twins[0])).hash).not.toBe(one!.hash)
  })

  it('demonstrations: imported responses but the worse ones, and what people wrote', async () => {
    const twin = await project([0, 2, 4])
    const prompt = (
      await all(
        at.db,
        sql<{
          message: string
        }>`SELECT message_id AS message FROM prompts WHERE project_id = ${twin} ORDER BY id LIMIT 1`,
      )
    )[0]!.message
    await run(sql`
      INSERT INTO messages (id, project_id, parent_id, role, text, hash, author, author_id)
      VALUES (gen_random_uuid(), ${twin}, ${prompt}, 'assistant', 'Written by hand.', '', 'person', ${at.people.steady!.id})`)
    const snapshot = await take({}, 'demonstration', twin)
    expect(snapshot.counts).toMatchObject({ rows: 4, leftOut: { worse: 3 } })
    expect((await rows(snapshot)).map(({ chosen }) => chosen).sort()).toEqual([
      'Written by hand.',
      'good 0',
      'good 2',
      'good 4',
    ])
    expect((await take({ sources: ['person'] }, 'demonstration', twin)).counts.rows).toBe(1)
    expect((await take({ people: { simulated: false } }, 'demonstration', twin)).counts.rows).toBe(3)
  })

  it('what a task that measures has demonstrates nothing', async () => {
    const twin = await addProject(at.db, { name: 'Gold' }, undefined)
    await addTasks(at.db, twin, somePrompts(4), 1)
    expect((await take({}, 'demonstration', twin)).counts.rows).toBe(8)
    await run(
      sql`UPDATE tasks SET purpose = 'gold' WHERE id = (SELECT id FROM tasks WHERE project_id = ${twin} LIMIT 1)`,
    )
    expect((await take({}, 'demonstration', twin)).counts.rows).toBe(6)
  })
})

describe('the difference', () => {
  it('says what was added, removed and changed, and why', async () => {
    const fresh = await judgedProject({ tasks: 30, seed: 2 })
    try {
      const taken = (filters: FiltersInput = {}) =>
        takeSnapshot(fresh.db, { project: fresh.project, kind: 'preference', filters }, fresh.clock.read())
      const first = await taken()
      expect(await compareSnapshots(fresh.db, first, await taken())).toMatchObject({
        added: { rows: 0 },
        removed: { rows: 0 },
        changed: { rows: 0 },
        same: first.counts.rows,
        examples: [],
      })
      const strict = await taken({ minAgreement: 1 })
      const gone = first.counts.rows - strict.counts.rows
      expect(await compareSnapshots(fresh.db, first, strict)).toMatchObject({ removed: { rows: gone, filters: gone } })
      expect(await compareSnapshots(fresh.db, strict, first)).toMatchObject({ added: { rows: gone, filters: gone } })

      fresh.clock.advance(60)
      const [last] = await all(
        fresh.db,
        sql<{ task: string }>`
          SELECT task_id AS task FROM annotations ORDER BY id DESC LIMIT 1`,
      )
      await fresh.database.pool.query(
        'UPDATE submissions SET withdrawn_at = $1 WHERE assignment_id IN (SELECT id FROM assignments WHERE task_id = $2)',
        [fresh.clock.read(), last!.task],
      )
      const later = await taken()
      expect(await compareSnapshots(fresh.db, first, later)).toMatchObject({
        removed: { rows: 1, withdrawn: 1 },
        added: { rows: 0 },
        same: first.counts.rows - 1,
        examples: [{ what: 'removed', opening: expect.stringContaining('arrived broken') }],
      })
    } finally {
      await fresh.database.close()
    }
  })
})
