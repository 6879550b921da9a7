/** `run`: the training runs of a project. They are noted here; a server trains them, now or when it next runs. */
import { type Command, InvalidArgumentError } from 'commander'
import { figureOf } from '../../models/checkpoints/rules.ts'
import { action, example, print } from '../../platform/command.ts'
import { type DataOptions, groundOf, withData } from '../../platform/data-option.ts'
import type { Db } from '../../platform/sql.ts'
import { inProject } from '../../projects/project-option.ts'
import type { Algorithm } from '../../trainer/schedule/spec.ts'
import type { Run, RunSeries, RunState, ShownRun } from './contract.ts'
import type { RunSettings } from './settings.ts'

/** In the audit log. */
const by = 'operator'

interface Options extends DataOptions {
  project: string
}

interface StartOptions extends Options {
  algorithm: Algorithm
  dataset: string
  base: string
  reward?: string
  name?: string
  set: Record<string, unknown>
}

type Start = typeof import('./start.ts')
type Acting = Start & { trx: Db; project: string; ground: Awaited<ReturnType<typeof groundOf>> }

/** Acts on a run in one transaction, and prints how it then stands. */
const acted = (options: Options, act: (acting: Acting) => Promise<string>) =>
  inProject(options, async (db, project, opened) => {
    const [ground, start, { inTransaction }, { shownRun }] = await Promise.all([
      groundOf(opened),
      import('./start.ts'),
      import('../../platform/sql.ts'),
      import('./shown.ts'),
    ])
    const run = await inTransaction(db, async (trx) =>
      shownRun(trx, await start.mustFind(trx, project, await act({ ...start, trx, project, ground }))),
    )
    print(run, options.json, state)
  })

const started = ({ dataset, set, algorithm, base, reward, name, ...options }: StartOptions) =>
  acted(options, ({ startRun, trx, project, ground }) =>
    startRun(trx, ground, {
      project,
      name,
      algorithm,
      snapshot: dataset,
      base,
      reward,
      settings: set as RunSettings,
      by,
    }),
  )

const changed = (which: 'stopRun' | 'resumeRun') => (name: string, options: Options) =>
  acted(options, async (acting) => {
    const { id } = await acting.runNamed(acting.trx, acting.project, name)
    await acting[which](acting.trx, acting.ground, { project: acting.project, run: id, by })
    return id
  })

const line = ({ name, algorithm, state, snapshot, base, step, steps, checkpoint }: Run): string =>
  [
    name.padEnd(20),
    algorithm.padEnd(9),
    state.padEnd(8),
    `${steps ? `step ${step} of ${steps}` : 'not begun'}`.padEnd(20),
    `${snapshot.name} on ${base}${checkpoint ? `, made ${checkpoint.name}` : ''}`,
  ].join('  ')

const state = (run: Run): string => line(run) + (run.problem ? `\n  ${run.problem.message}` : '')

/** The last value of each curve, what held-out rows were measured at, and what it came to. */
function whole({ series: { held, figures }, ...run }: ShownRun & { series: RunSeries }): string {
  const latest = figures.map(({ key, values }) => `${key} ${figureOf(values.findLast((value) => value !== null) ?? 0)}`)
  const measured = held.map(
    ({ step, rows, evalLoss, evalAccuracy }) =>
      `  held out at step ${step} (${rows} rows): loss ${figureOf(evalLoss)}${evalAccuracy === undefined ? '' : `, accuracy ${figureOf(evalAccuracy)}`}`,
  )
  const end = Object.entries(run.summary?.eval ?? {}).map(([name, value]) => `  ${name} ${figureOf(value)}`)
  return [state(run), ...(latest.length ? [`  ${latest.join(', ')}`] : []), ...measured, ...end].join('\n')
}

const show = (name: string, options: Options) =>
  inProject(options, async (db, project) => {
    const [{ runNamed }, { shownRun }, { seriesOf }] = await Promise.all([
      import('./start.ts'),
      import('./shown.ts'),
      import('./series.ts'),
    ])
    const run = await runNamed(db, project, name)
    print({ ...(await shownRun(db, run)), series: await seriesOf(db, run.id, mostPoints) }, options.json, whole)
  })
const mostPoints = 300

const list = ({ state: wanted, ...options }: Options & { state?: RunState }) =>
  inProject(options, async (db, project) => {
    const [{ listRuns }, { shown }] = await Promise.all([import('./store.ts'), import('./shown.ts')])
    const { rows } = await listRuns(db, project, { state: wanted && [wanted], limit: 1000 })
    print(rows.map(shown), options.json, (runs) => (runs.length ? runs.map(line).join('\n') : 'no runs yet'))
  })

/** `steps=200`: a number, true, false or a list where the text is one, else the text. */
function setting(text: string, before: Record<string, unknown>): Record<string, unknown> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('It looks like steps=200.')
  const [name, given] = [text.slice(0, at), text.slice(at + 1)]
  try {
    return { ...before, [name]: JSON.parse(given) }
  } catch {
    return { ...before, [name]: given }
  }
}

export function runCommands(program: Command): void {
  const run = program.command('run').description('Training runs of a project; a running server trains them')
  const under = (name: string, description: string) =>
    withData(run.command(name).description(description).requiredOption('--project <project>', 'id or name'))
  const named = (name: string, description: string) => under(name, description).argument('<run>', 'name or id')

  example(
    under('list', 'List runs, newest first').option(
      '--state <state>',
      'those that are waiting, running, stopped, done or failed',
    ),
    'run list --project Helpdesk',
  ).action(action(list))
  example(
    named('show', 'Show a run: how far it is, its figures, what held-out rows were measured at, what it came to'),
    'run show "dpo 1" --project Helpdesk --json',
  ).action(action(show))
  example(
    under('start', 'Train a model on a dataset')
      .requiredOption('--algorithm <name>', 'sft, reward, dpo, kto, orpo, grpo, rloo, ppo or rejection')
      .requiredOption('--dataset <dataset>', 'name, id, or the beginning of its hash')
      .requiredOption('--base <model>', 'a preset, a name of the catalogue, or a model of the project')
      .option('--reward <model>', 'online algorithms: a reward model of the project, or online')
      .option('--name <name>', 'the algorithm with a number unless told')
      .option('--set <setting=value>', 'a setting, as often as there are any (docs/runs.md)', setting, {}),
    'run start --project Helpdesk --algorithm dpo --dataset "round 2" --base "sft 1" --set steps=200 --set beta=0.2',
  ).action(action(started))
  example(named('stop', 'Stop a run; it can be resumed'), 'run stop "dpo 1" --project Helpdesk').action(
    action(changed('stopRun')),
  )
  example(
    named('resume', 'Go on with a run from its last complete state'),
    'run resume "dpo 1" --project Helpdesk',
  ).action(action(changed('resumeRun')))
}
