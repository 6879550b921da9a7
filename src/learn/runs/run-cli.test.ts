import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { runCommand } from '../../../test/command.ts'
import { type JudgedProject, judgedProject } from '../../../test/judged.ts'
import { takeSnapshot } from '../datasets/store.ts'
import { runCommands } from './run-cli.ts'

let at: JudgedProject
beforeAll(async () => {
  at = await judgedProject({ tasks: 12 })
  await takeSnapshot(at.db, { project: at.project, name: 'answers', kind: 'preference', filters: {} }, at.clock.read())
})
afterAll(() => at.database.close())
afterEach(() => void vi.unstubAllEnvs())

function run(...args: string[]) {
  vi.stubEnv('DATABASE_URL', at.database.connection.connectionString)
  return runCommand(runCommands, 'run', ...args, '--project', at.project)
}
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out)
const dpo = ['--algorithm', 'dpo', '--dataset', 'answers', '--base', 'preset:1m']

it('starts a run with its settings, lists it, and shows how it goes', async () => {
  expect((await run('list')).out).toBe('no runs yet\n')
  const started = await json(
    'start',
    ...dpo,
    '--set',
    'steps=20',
    '--set',
    'loss=ipo',
    '--set',
    'loraTargets=["q_proj"]',
  )
  expect(started).toMatchObject({
    name: 'dpo 1',
    state: 'waiting',
    settings: { steps: 20, loss: 'ipo', loraTargets: ['q_proj'] },
    createdBy: null,
    began: null,
  })
  expect((await run('list')).out).toMatch(/^dpo 1 +dpo +waiting +not begun +answers on preset:1m\n$/)
  expect(await json('list', '--state', 'done')).toEqual([])
  const events = [
    { event: 'eval', step: 0, rows: 8, evalLoss: 0.7, evalAccuracy: 0.5 },
    { event: 'step', step: 1, steps: 20, loss: 0.6, tokensPerSecond: 50, etaSeconds: 7 },
    { event: 'eval', step: 1, rows: 8, evalLoss: 0.65, evalAccuracy: 0.625 },
  ]
  await at.database.pool.query(
    `INSERT INTO run_events (run_id, seq, event) SELECT $1, place, event FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (event, place)`,
    [started.id, JSON.stringify(events)],
  )
  const { out } = await run('show', 'dpo 1')
  expect(out).toMatch(
    /loss 0\.6, tokensPerSecond 50\n.*held out at step 0 \(8 rows\): loss 0\.7, accuracy 0\.5\n.*step 1 \(8/,
  )
  expect(await json('show', started.id)).toMatchObject({
    name: 'dpo 1',
    series: { held: [{ step: 0 }, { evalAccuracy: 0.625 }] },
  })
})

it('stops a run and lets it go on, and the audit log says who did', async () => {
  const { id } = await json('start', ...dpo, '--name', 'mine')
  expect((await run('stop', 'mine')).out).toMatch(/^mine .*stopped/)
  expect(await run('stop', 'mine')).toMatchObject({ code: 2, err: /ended already/ })
  expect((await json('resume', id)).state).toBe('waiting')
  const { rows } = await at.database.pool.query('SELECT actor, action FROM audit WHERE subject = $1 ORDER BY id', [
    `run ${id}`,
  ])
  expect(rows).toEqual(['start', 'stop', 'resume'].map((what) => ({ actor: 'operator', action: `run.${what}` })))
})

it('says what is wrong, and where', async () => {
  expect(await run('show', 'none')).toMatchObject({ code: 2, err: /no such run[\s\S]*where: none/ })
  expect(await run('start', ...dpo, '--set', 'steps=0.5')).toMatchObject({ code: 2, err: /steps/ })
  expect(await run('start', ...dpo, '--set', 'pace=3')).toMatchObject({ code: 2, err: /pace/ })
  expect(await run('start', ...dpo, '--reward', 'online')).toMatchObject({ code: 2, err: /where: reward/ })
  expect((await run('start', ...dpo, '--set', 'steps')).code).not.toBe(0)
})
