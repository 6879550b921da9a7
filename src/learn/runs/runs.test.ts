/** Runs from their start to their registered model, through the real queue of jobs; the trainer's thread is what was built. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type JudgedProject, judgedProject } from '../../../test/judged.ts'
import { findCheckpoint } from '../../models/checkpoints/store.ts'
import type { Platform } from '../../platform/context.ts'
import { catchUp } from '../../platform/events.ts'
import { createJobs } from '../../platform/jobs/runner.ts'
import { inTransaction } from '../../platform/sql.ts'
import type { TrainingEvent } from '../../trainer/schedule/events.ts'
import { takeSnapshot } from '../datasets/store.ts'
import { learnerOf, learnerWithout, rewardFollower } from '../reward/store.ts'
import { runJob, settleRuns } from './job.ts'
import { lineageOf, tracedAnnotations } from './lineage.ts'
import { lineageGraph } from './lineage-graph.ts'
import { trlRow } from './rows.ts'
import { resumeRun, startRun, stopRun, type WantedRun } from './start.ts'
import { findRun } from './store.ts'

const isBuilt = existsSync(fileURLToPath(new URL('../../../dist/server/trainer/worker.js', import.meta.url)))
const tiny = { batchSize: 4, steps: 3, maxLength: 128, seed: 1 }
const online = { batchSize: 2, groupSize: 2, maxTokens: 8, maxLength: 96, steps: 2, seed: 1 }
/** So many that it never ends by itself. */
const endless = { ...tiny, steps: 100_000, saveEvery: 2 }

let at: JudgedProject
let platform: Platform
let snapshot: string
const dataDir = mkdtempSync(join(tmpdir(), 'runs-'))

beforeAll(async () => {
  at = await judgedProject({ tasks: 40 })
  await catchUp(at.db, [rewardFollower])
  const filters = { split: { test: 0.2 } }
  snapshot = (await takeSnapshot(at.db, { project: at.project, kind: 'preference', filters }, at.clock.read())).id
  const { connection } = at.database
  const log = pino({ level: 'silent' })
  const jobs = createJobs({ db: at.db, connection, log, pauseMs: 30, atOnce: { run: 1 } })
  platform = { ...at.platform, dataDir, jobs, wake: () => jobs.wake() }
  jobs.handle('run', runJob(platform))
  await jobs.run()
})
afterAll(async () => {
  await platform.jobs.stop()
  rmSync(dataDir, { recursive: true, force: true })
  await at.database.close()
})

const start = (wanted: Partial<WantedRun> & Pick<WantedRun, 'algorithm'>) =>
  inTransaction(at.db, (trx) =>
    startRun(trx, platform, { project: at.project, snapshot, base: 'preset:1m', settings: tiny, ...wanted }),
  )
const stop = async (run: string) => {
  await inTransaction(at.db, (trx) => stopRun(trx, platform, { project: at.project, run }))
  platform.jobs.wake()
}
const find = async (run: string) => (await findRun(at.db, at.project, run))!
const query = async (text: string, ...values: unknown[]) => (await at.database.pool.query(text, values)).rows
const events = async (run: string): Promise<TrainingEvent[]> =>
  (await query('SELECT event FROM run_events WHERE run_id = $1 ORDER BY seq', run)).map(({ event }) => event)
const steps = async (run: string) => (await events(run)).filter((event) => event.event === 'step')
const said = async (run: string) =>
  (await query(`SELECT data FROM events WHERE kind = 'run.ended' AND subject = $1 ORDER BY position`, run)).map(
    ({ data }) => data,
  )

const ended = (run: string) =>
  vi.waitFor(
    async () => {
      await settleRuns(platform)
      const found = await find(run)
      expect(found.endedAt).not.toBeNull()
      return found
    },
    { timeout: 60_000, interval: 50 },
  )
const trains = (run: string, beyond = 0) =>
  vi.waitFor(async () => expect((await steps(run)).length).toBeGreaterThan(beyond), { timeout: 30_000, interval: 50 })

describe.skipIf(!isBuilt)('a run (SKIPPED where nothing is built)', () => {
  it('trains on a snapshot; its end registers a model that answers, in one with what others hear of it', async () => {
    const run = await start({ algorithm: 'sft' })
    const done = await ended(run)
    expect(done).toMatchObject({
      state: 'done',
      step: 3,
      steps: 3,
      problem: null,
      name: 'sft 1',
      summary: { steps: 3 },
    })
    const model = (await findCheckpoint(at.db, at.project, done.checkpointId!))!
    expect(model).toMatchObject({ name: 'sft 1', head: 'lm', base: 'preset:1m', run, policy: done.policyId })
    expect(model.facts).toMatchObject({ algorithm: 'sft', measured: { perplexity: expect.any(Number) } })
    expect(readdirSync(join(dataDir, model.path))).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json']),
    )
    // Rows and state were for the way; what is left is the model.
    await expect.poll(() => existsSync(join(dataDir, 'runs', run))).toBe(false)
    expect(await said(run)).toEqual([{ run, state: 'done', checkpoint: model.id }])
    const kinds = (await events(run)).map(({ event }) => event)
    expect(kinds.filter((kind) => kind !== 'samples' && kind !== 'eval')).toEqual([
      'start',
      'step',
      'step',
      'step',
      'checkpoint',
      'done',
    ])
    expect(JSON.stringify(await events(run))).not.toContain(dataDir)
  })

  it('is scored by a reward that has learned nothing of the prompts held out of its dataset', async () => {
    const { rows } = await at.database.pool.query<{ held: boolean; n: number }>(
      `SELECT t.prompt_id IN (SELECT prompt_id FROM snapshot_rows WHERE snapshot_id = $1 AND split = 'test') AS held, count(*)::int AS n
        FROM reward_pairs p JOIN tasks t ON t.id = p.task_id WHERE p.in_force AND p.outcome <> 0.5 GROUP BY held ORDER BY held`,
      [snapshot],
    )
    const [trains, held] = rows.map(({ n }) => n)
    expect(held).toBeGreaterThan(10)
    const sides = ({ lefts, rights }: { lefts: number; rights: number }) => lefts + rights
    expect(sides(await learnerOf(at.db, at.project))).toBe(trains! + held!)
    expect(sides(await learnerWithout(at.db, at.project, snapshot))).toBe(trains)
  })

  it('goes from model to reward to policy: each run starts from what the one before has made', async () => {
    const base = (await ended(await start({ algorithm: 'sft', name: 'words' }))).checkpointId!
    const reward = await ended(await start({ algorithm: 'reward', base }))
    expect(reward).toMatchObject({ state: 'done', policyId: null, base: 'words', baseId: base })
    const scored = await start({ algorithm: 'grpo', base, reward: reward.checkpointId!, settings: online })
    const learning = await start({ algorithm: 'rloo', base: 'words', reward: 'online', settings: online })
    expect(await ended(scored)).toMatchObject({ state: 'done', summary: { eval: { kl: expect.any(Number) } } })
    expect(await ended(learning)).toMatchObject({ state: 'done', reward: 'online' })
    expect((await query('SELECT reward_seq FROM runs WHERE id = $1', learning))[0].reward_seq).toBeGreaterThan(100)
    expect((await steps(scored))[0]).toMatchObject({ rewardMean: expect.any(Number), length: expect.any(Number) })

    // Each line leads through all runs down to the answers of people.
    const inForce = (await query(`SELECT id FROM annotations_in_force WHERE source = 'person' ORDER BY id`)).map(
      ({ id }) => id,
    )
    const sft = (await findCheckpoint(at.db, at.project, base))!.run!
    const line = await lineageOf(at.db, at.project, scored)
    expect(line).toMatchObject({
      model: scored,
      runs: [sft, reward.id, scored].sort(),
      snapshots: [snapshot],
      rounds: [],
    })
    expect(line.annotations.length).toBeGreaterThan(50)
    expect(line.people.reduce((sum, { annotations }) => sum + annotations, 0)).toBe(line.annotations.length)
    expect(inForce).toEqual(expect.arrayContaining(line.annotations))
    expect((await lineageOf(at.db, at.project, learning)).annotations).toEqual(inForce)
    const graph = await lineageGraph(at.db, at.project, scored)
    expect(graph.links).toEqual(
      expect.arrayContaining([
        { from: 'base preset:1m', to: `run ${sft}` },
        { from: `run ${sft}`, to: `policy ${base}` },
        { from: `policy ${base}`, to: `run ${scored}` },
        { from: `reward ${reward.id}`, to: `run ${scored}` },
        { from: `snapshot ${snapshot}`, to: `run ${scored}` },
        { from: `annotations ${snapshot}`, to: `snapshot ${snapshot}` },
        { from: `run ${scored}`, to: `policy ${scored}` },
      ]),
    )
    const ids = new Set(graph.nodes.map(({ id }) => id))
    for (const { from, to } of graph.links) expect([ids.has(from), ids.has(to)]).toEqual([true, true])
    const first = await tracedAnnotations(at.db, { project: at.project, checkpoint: scored, limit: 2 })
    expect(first.map(({ id }) => id)).toEqual(line.annotations.slice(0, 2))
    expect(first[0]).toMatchObject({ simulated: true, opening: expect.stringContaining('arrived broken') })
  })

  it.each(['dpo', 'kto', 'orpo'] as const)('learns from preferences with %s', async (algorithm) => {
    expect(await ended(await start({ algorithm, base: 'words' }))).toMatchObject({ state: 'done', base: 'words' })
  })

  it.each(['ppo', 'rejection'] as const)('learns from its own samples with %s', async (algorithm) => {
    const run = await start({ algorithm, base: 'words', reward: 'online', settings: online })
    expect(await ended(run)).toMatchObject({ state: 'done', problem: null })
  })

  it('stops within a step, keeps its place, and goes on to the weights that it would have had', async () => {
    const settings = { ...tiny, steps: 40, saveEvery: 5 }
    const whole = await ended(await start({ algorithm: 'sft', settings }))
    const run = await start({ algorithm: 'sft', settings })
    await trains(run)
    await stop(run)
    const stopped = await ended(run)
    expect(stopped).toMatchObject({
      state: 'stopped',
      checkpointId: null,
      problem: null,
      summary: { stopped: 'asked' },
    })
    expect(stopped.summary!.steps).toBeLessThan(40)
    await inTransaction(at.db, (trx) => resumeRun(trx, platform, { project: at.project, run }))
    const done = await ended(run)
    expect(done).toMatchObject({ state: 'done', step: 40 })
    expect((await events(run)).filter(({ event }) => event === 'start')).toMatchObject([
      { resumedFrom: 0 },
      { resumedFrom: stopped.summary!.steps },
    ])
    expect(await said(run)).toMatchObject([{ state: 'stopped' }, { state: 'done' }])
    const hashOf = async (id: string | null) => (await findCheckpoint(at.db, at.project, id!))!.hash
    expect(await hashOf(done.checkpointId)).toBe(await hashOf(whole.checkpointId))
    await expect(
      inTransaction(at.db, (trx) => resumeRun(trx, platform, { project: at.project, run })),
    ).rejects.toMatchObject({ code: 'conflict' })
  })

  it('waits while another trains, and stops at once where it has not begun', async () => {
    const first = await start({ algorithm: 'sft', settings: endless })
    const second = await start({ algorithm: 'sft', settings: endless })
    await trains(first)
    expect(await find(second)).toMatchObject({ state: 'waiting', waitsFor: 1 })
    await stop(second)
    expect(await find(second)).toMatchObject({ state: 'stopped', summary: null })
    expect(await said(second)).toEqual([{ run: second, state: 'stopped' }])
    await stop(first)
    await ended(first)
    await expect(stop(first)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('ends with the last good model where the divergence leaves its budget', async () => {
    const settings = { ...online, steps: 50, klBudget: 1e-9, saveEvery: 1 }
    const run = await ended(await start({ algorithm: 'grpo', base: 'words', reward: 'online', settings }))
    expect(run).toMatchObject({ state: 'stopped', problem: { code: 'kl_budget' }, summary: { stopped: 'kl_budget' } })
    expect(run.problem!.message).toMatch(/budget of 1e-9.*step \d/)
    expect(run.checkpointId).not.toBeNull()
  })

  it('fails with the reason where the loss leaves all bounds', async () => {
    // Each step multiplies the weights by nine.
    const settings = {
      ...tiny,
      steps: 400,
      learningRate: 1,
      weightDecay: 10,
      schedule: 'constant' as const,
      saveEvery: 1,
    }
    const run = await ended(await start({ algorithm: 'sft', settings }))
    expect(run).toMatchObject({ state: 'failed', problem: { code: 'diverged' } })
    expect(run.checkpointId).not.toBeNull()
    expect(await said(run.id)).toEqual([{ run: run.id, state: 'failed', checkpoint: run.checkpointId }])
  })

  it('refuses what the machine cannot hold before it begins, with the figures', async () => {
    const run = await ended(await start({ algorithm: 'sft', settings: { ...tiny, memoryBytes: 1e8 } }))
    expect(run).toMatchObject({ state: 'failed', checkpointId: null, problem: { code: 'too_large' } })
    expect(run.problem!.message).toMatch(/needs about .* GiB/)
  })
})

describe('what cannot be', () => {
  it.each([
    [{ algorithm: 'sft', snapshot: 'nowhere' }, 'not_found', /dataset|snapshot/],
    [{ algorithm: 'sft', base: 'gpt-17' }, 'not_found', /base/],
    [{ algorithm: 'grpo' }, 'bad_input', /reward/],
    [{ algorithm: 'grpo', reward: 'nobody' }, 'not_found', /reward/],
    [{ algorithm: 'sft', reward: 'online' }, 'bad_input', /reward/],
    [{ algorithm: 'sft', settings: { steps: 0 } }, 'bad_input', /steps/],
    [{ algorithm: 'grpo', reward: 'online', settings: { batchSize: 512, groupSize: 8 } }, 'bad_input', /groupSize/],
    [{ algorithm: 'sft', settings: { out: '/etc' } as never }, 'bad_input', /settings/],
    [{ algorithm: 'sft', settings: { learningRate: -1 } }, 'bad_input', /learningRate/],
  ] as const)('%j is refused', async (wanted, code, where) => {
    await expect(start(wanted)).rejects.toMatchObject({ code, where: expect.stringMatching(where) })
    expect(await query('SELECT 1 FROM jobs WHERE state = $1', 'waiting')).toEqual([])
  })

  it('demonstrations are refused to what needs pairs', async () => {
    const name = 'answers written by people'
    const wanted = { project: at.project, name, kind: 'demonstration' as const, filters: {} }
    await query(`UPDATE messages SET author = 'import' WHERE id = (SELECT targets[1] FROM tasks LIMIT 1)`)
    const { id } = await takeSnapshot(at.db, wanted, at.clock.read())
    await expect(start({ algorithm: 'dpo', snapshot: id })).rejects.toMatchObject({ where: 'snapshot' })
  })

  it('two runs of one name', async () => {
    await stop(await start({ algorithm: 'sft', name: 'taken' }))
    await expect(start({ algorithm: 'sft', name: 'taken' })).rejects.toMatchObject({ code: 'conflict', where: 'name' })
  })
})

describe('rows for a trainer', () => {
  const prompt = [{ role: 'user' as const, text: 'Is it broken?' }]
  const answer = (content: string) => [{ role: 'assistant', content }]

  it('are conversations in the shapes of TRL', () => {
    const asked = [{ role: 'user', content: 'Is it broken?' }]
    const pair = { prompt, chosen: 'Yes.', rejected: 'No.', margin: 2, soft: 0.75 }
    expect(trlRow(pair, {})).toEqual({ prompt: asked, chosen: answer('Yes.'), rejected: answer('No.'), label: 0.75 })
    expect(trlRow(pair, { softLabels: false, margins: true })).toEqual({
      prompt: asked,
      chosen: answer('Yes.'),
      rejected: answer('No.'),
      margin: 2,
    })
    expect(trlRow({ ...pair, rejected: null }, {})).toEqual({ prompt: asked, completion: answer('Yes.') })
  })
})
