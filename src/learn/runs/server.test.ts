import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestHttp, testHttp } from '../../../test/http.ts'
import { type JudgedProject, judgedProject } from '../../../test/judged.ts'
import { addMember, type TestPerson } from '../../../test/project.ts'
import { addProject } from '../../projects/store.ts'
import { takeSnapshot } from '../datasets/store.ts'
import type { Run, RunSeries } from './contract.ts'

let at: JudgedProject
let http: TestHttp
let engineer: TestPerson
let viewer: TestPerson
beforeAll(async () => {
  at = await judgedProject({ tasks: 12 })
  http = await testHttp(at)
  engineer = await addMember(at, 'Grace', 'engineer')
  viewer = await addMember(at, 'Vera', 'viewer')
  await takeSnapshot(at.db, { project: at.project, name: 'answers', kind: 'preference', filters: {} }, at.clock.read())
})
afterAll(async () => {
  await http.models.close()
  await at.database.close()
})

const call = async <T>(method: string, path: string, body?: unknown, key = engineer.key) => {
  const { status, body: answer } = await http.call(method, `/projects/${at.project}/runs${path}`, { key, body })
  return { status, body: answer as T }
}
const start = (more: object = {}) =>
  call<Run>('POST', '', { algorithm: 'sft', snapshot: 'answers', base: 'preset:1m', ...more })
const query = (text: string, ...values: unknown[]) => at.database.pool.query(text, values)

/** Steps as a trainer says them; `from` is where it went on. */
async function trained(run: string, steps: number, from = 0): Promise<void> {
  const { rows } = await query('SELECT coalesce(max(seq), 0)::int AS last FROM run_events WHERE run_id = $1', run)
  const events = Array.from({ length: steps }, (_, i) => {
    const step = from + i + 1
    return { event: 'step', step, steps: 1000, loss: 1000 - step, tokensPerSecond: 50, etaSeconds: 7, kl: step / 1000 }
  })
  await query(
    `INSERT INTO run_events (run_id, seq, event) SELECT $1, $2::int + place, event FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY AS e (event, place)`,
    run,
    rows[0].last,
    JSON.stringify(events),
  )
}

it('starts a run, shows it to whoever reads models, and lists it', async () => {
  const { status, body } = await start({ name: 'first', settings: { steps: 10, learningRate: 1e-3 } })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    name: 'first',
    state: 'waiting',
    snapshot: { name: 'answers' },
    base: 'preset:1m',
    settings: { steps: 10, learningRate: 1e-3 },
    createdBy: engineer.id,
  })
  expect(await call('GET', `/${body.id}`, undefined, viewer.key)).toMatchObject({ status: 200, body: { began: null } })
  const { body: list } = await call<{ rows: Run[]; next: string | null }>('GET', '?limit=1')
  expect(list.rows.map(({ id }) => id)).toEqual([body.id])
  const audited = await query(`SELECT action FROM audit WHERE subject = $1`, `run ${body.id}`)
  expect(audited.rows).toEqual([{ action: 'run.start' }])
})

it('names what is wrong, and begins nothing', async () => {
  const count = async () => (await query('SELECT count(*)::int AS n FROM runs')).rows[0].n
  const before = await count()
  expect(await start({ name: 'first' })).toMatchObject({ status: 409, body: { where: 'name' } })
  expect(await start({ settings: { steps: 0.5 } })).toMatchObject({ status: 400, body: { where: 'run, steps' } })
  expect(await start({ settings: { data: '/etc/passwd' } })).toMatchObject({ status: 400 })
  expect(await start({ algorithm: 'magic' })).toMatchObject({ status: 400 })
  expect(await start({ base: '/etc' })).toMatchObject({ status: 404, body: { where: 'base' } })
  expect(await start({ forkedFrom: at.project })).toMatchObject({ status: 404, body: { where: 'forkedFrom' } })
  expect((await start({ algorithm: 'ppo' })).body).toMatchObject({ code: 'bad_input', where: 'reward' })
  expect(await count()).toBe(before)
})

it('stops one that waits, lets it go on, and forks it', async () => {
  const { body: run } = await start()
  expect(run.name).toBe('sft 1')
  expect(await call('POST', `/${run.id}/stop`, {})).toMatchObject({ status: 200, body: { state: 'stopped' } })
  expect(await call('POST', `/${run.id}/stop`, {})).toMatchObject({ status: 409 })
  expect(await call('POST', `/${run.id}/resume`, {})).toMatchObject({ status: 200, body: { state: 'waiting' } })
  expect(await call('POST', `/${run.id}/resume`, {})).toMatchObject({ status: 409 })
  const fork = await start({ forkedFrom: run.id, settings: { seed: 2 } })
  expect(fork.body).toMatchObject({ name: 'sft 2', forkedFrom: { id: run.id, name: 'sft 1' } })
  expect(await call('POST', `/${at.project}/stop`, {})).toMatchObject({ status: 404, body: { where: 'run' } })
})

describe('what a run has said', () => {
  it('is paged in its order, all of it or a part', async () => {
    const { body: run } = await start()
    await trained(run.id, 30)
    await query(
      `INSERT INTO run_events (run_id, seq, event) VALUES ($1, 31, $2), ($1, 32, $3)`,
      run.id,
      { event: 'samples', step: 30, samples: [] },
      { event: 'checkpoint', step: 30, path: '' },
    )
    type Page = { rows: { seq: number; event: { event: string } }[]; next: number | null }
    const page = async (search: string) => (await call<Page>('GET', `/${run.id}/events${search}`)).body
    const first = await page('?limit=20')
    expect(first.rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    const second = await page(`?limit=20&after=${first.next}`)
    expect([second.rows.length, second.next]).toEqual([12, null])
    expect((await page('?only=samples')).rows.map(({ seq }) => seq)).toEqual([31])
    expect((await page('?only=log')).rows.map(({ seq }) => seq)).toEqual([32])
  })

  it('becomes curves: thinned by means, and a step that was done twice counts once', async () => {
    const { body: run } = await start()
    const series = async (points = 300) => (await call<RunSeries>('GET', `/${run.id}/series?points=${points}`)).body
    expect(await series()).toEqual({ every: 1, steps: [], figures: [], held: [], latest: null })
    await trained(run.id, 25)
    await trained(run.id, 80, 20)
    const fine = await series()
    expect(fine.steps).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    expect(fine.latest).toMatchObject({ step: 100, steps: 1000, etaSeconds: 7 })
    expect(fine.figures.map(({ key }) => key)).toEqual(['loss', 'kl', 'tokensPerSecond'])
    const coarse = await series(10)
    expect([coarse.every, coarse.steps]).toEqual([10, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]])
    expect(coarse.figures[0]!.values[0]).toBeCloseTo(994.5, 6)
  })

  it('has what held-out rows were measured at beside the curves, once a step, and not in the log', async () => {
    const { body: run } = await start()
    await trained(run.id, 10)
    const measured = (step: number, evalLoss: number) => ({ event: 'eval', step, rows: 8, evalLoss })
    for (const [seq, event] of [measured(0, 0.9), measured(10, 0.8), measured(10, 0.7)].entries())
      await query(`INSERT INTO run_events (run_id, seq, event) VALUES ($1, $2, $3)`, run.id, 11 + seq, event)
    const { body } = await call<RunSeries>('GET', `/${run.id}/series`)
    expect(body.held).toEqual([
      { step: 0, rows: 8, evalLoss: 0.9 },
      { step: 10, rows: 8, evalLoss: 0.7 },
    ])
    expect((await call<{ rows: unknown[] }>('GET', `/${run.id}/events?only=log`)).body.rows).toEqual([])
  })

  it('tells what every setting was once it has begun', async () => {
    const { body: run } = await start({ settings: { batchSize: 4 } })
    await query(`INSERT INTO run_events (run_id, seq, event) VALUES ($1, 1, $2)`, run.id, {
      event: 'start',
      rows: 9,
      evalRows: 1,
      steps: 3,
      parameters: 900_000,
      trainedParameters: 900_000,
      estimatedBytes: 3e8,
    })
    const { body } = await call<{ began: { settings: object } }>('GET', `/${run.id}`)
    expect(body.began.settings).toMatchObject({ batchSize: 4, learningRate: 3e-3, steps: 3, softLabels: true })
    expect(JSON.stringify(body.began.settings)).not.toMatch(/"(data|out|model|eval)"/)
  })
})

it('a run of another project is not found', async () => {
  const { body: run } = await start()
  await query(
    'UPDATE runs SET project_id = $1 WHERE id = $2',
    await addProject(at.db, { name: 'Other' }, undefined),
    run.id,
  )
  for (const path of ['', '/events', '/series'])
    expect(await call('GET', `/${run.id}${path}`)).toMatchObject({ status: 404, body: { where: 'run' } })
})
