/** `evaluate`: sets two policies against each other, and shows what came of it and what the gates say. */
import type { Command } from 'commander'
import { action, example, exitCode, print, whole } from '../platform/command.ts'
import type { Known } from '../platform/contract.ts'
import { type DataOptions, groundOf, withData } from '../platform/data-option.ts'
import { fail } from '../platform/errors.ts'
import type { Db } from '../platform/sql.ts'
import { inProject } from '../projects/project-option.ts'
import type { Gate } from './gates/contract.ts'
import type { HeadToHead } from './head-to-head/contract.ts'
import type { Hybrid } from './hybrid/contract.ts'

interface Options extends DataOptions {
  project: string
}

interface RunOptions extends Options {
  candidate: string
  baseline: string
  tag?: string
  heldOut?: string
  limit: number
  overlap: number
  seed: number
  reward?: string
}

async function policyNamed(db: Db, project: string, name: string, option: string): Promise<string> {
  const { listPolicies } = await import('../models/policies/store.ts')
  const found = (await listPolicies(db, project)).find((policy) => policy.id === name || policy.name === name)
  return found
    ? found.id
    : fail('not_found', `There is no policy "${name}" in this project.`, {
        where: option,
        hint: 'The Policies page lists them; a model is a policy once it is registered.',
      })
}

async function rewardNamed(db: Db, project: string, name: string): Promise<string> {
  if (name === 'online') return name
  const { findCheckpoint } = await import('../models/checkpoints/store.ts')
  const found = await findCheckpoint(db, project, name)
  return (
    found?.id ?? fail('not_found', `There is no reward model "${name}".`, { where: '--reward', hint: 'Or say online.' })
  )
}

/** Notes it; a server draws the answers, now or when it next runs. */
const begin = (options: RunOptions) =>
  inProject(options, async (db, project, opened) => {
    const [ground, { startHeadToHead, suspectsNow }, { inTransaction }, { snapshotOf }, { measureHere }] =
      await Promise.all([
        groundOf(opened),
        import('./head-to-head/start.ts'),
        import('../platform/sql.ts'),
        import('../learn/datasets/read.ts'),
        import('./work.ts'),
      ])
    const { tag, heldOut, limit, overlap, seed } = options
    const plan = {
      candidate: await policyNamed(db, project, options.candidate, '--candidate'),
      baseline: await policyNamed(db, project, options.baseline, '--baseline'),
      prompts: { tag, heldOutOf: heldOut === undefined ? undefined : (await snapshotOf(db, project, heldOut)).id },
      reward: options.reward === undefined ? undefined : await rewardNamed(db, project, options.reward),
      limit,
      overlap,
      seed,
      withoutPeople: await suspectsNow(measureHere(db), project),
    }
    return inTransaction(db, (trx) => startHeadToHead(trx, ground, { project, ...plan, actor: 'operator' }))
  })

async function run(options: RunOptions): Promise<void> {
  const id = await begin(options)
  print({ id }, options.json, () => `${id}\nA running server draws the answers; \`evaluate show\` says how far it is.`)
}

/** The one named, else the newest. */
async function chosen(db: Db, project: string, of: string | undefined): Promise<HeadToHead> {
  const { headToHead, listHeadToHeads } = await import('./head-to-head/read.ts')
  if (of && !/^[0-9a-f-]{36}$/i.test(of)) fail('bad_input', 'This is no id of a head to head.', { where: `--of ${of}` })
  const id = of ?? (await listHeadToHeads(db, project, { limit: 1 }))[0]?.id
  const found = id ? await headToHead(db, project, id) : undefined
  return (
    found ??
    fail('not_found', of ? 'There is no such head to head.' : 'No two policies were set against each other yet.', {
      where: of ? `--of ${of}` : '--project',
      hint: '`./plumbline evaluate run` begins one.',
    })
  )
}

const said = (known: Known, scale = 1): string => {
  if ('undefined' in known) return known.undefined
  const [value, low, high] = [known.value, known.low, known.high].map((figure) => (figure * scale).toFixed(2))
  return `${value} [${low}, ${high}], n = ${known.n}`
}

const lines = (of: HeadToHead & { hybrid: Hybrid }): string =>
  [
    `${of.id}  ${of.candidate.name} against ${of.baseline.name}: ${of.state}`,
    ...(of.problem ? [`  ${of.problem.message}`] : []),
    `  answers     ${of.progress.responses.done} of ${of.progress.responses.total}`,
    `  judgements  ${of.progress.judgements.done} of ${of.progress.judgements.wanted}`,
    `  people, %   ${said(of.human.winRate, 100)}`,
    ...(of.human.leftOut.people
      ? [
          `  left out    ${of.human.leftOut.judgements} judgements of people who looked careless or biased when it began`,
        ]
      : []),
    ...(of.byReward ? [`  reward, %   ${said(of.byReward.winRate, 100)}`] : []),
    ...of.hybrid.judges.map(
      ({ judge, together, saved }) =>
        `  ${`+ ${judge}, %`.padEnd(11)} ${said(together, 100)}${saved ? `, as sure as ${saved} more judged by people` : ''}`,
    ),
    `  length      ${said(of.length.ratio)}`,
    `  KL          ${said(of.kl)}`,
  ].join('\n')

const show = ({ of, ...options }: Options & { of?: string }) =>
  inProject(options, async (db, project) => {
    const { hybrid } = await import('./hybrid/read.ts')
    const found = await chosen(db, project, of)
    print({ ...found, hybrid: (await hybrid(db, project, found.id))! }, options.json, lines)
  })

const gates = ({ of, ...options }: Options & { of?: string }) =>
  inProject(options, async (db, project) => {
    const { decisionOf, gatesOf } = await import('./gates/read.ts')
    const { id, candidate } = await chosen(db, project, of)
    const all = await gatesOf(db, project, id)
    const decision = decisionOf(all)
    if (decision !== 'pass') process.exitCode = exitCode.negative
    print({ headToHead: id, policy: candidate, decision, gates: all }, options.json, (result) =>
      [`${candidate.name}: ${result.decision}`, ...all.map(line)].join('\n'),
    )
  })

const line = ({ gate, verdict, required, why, looser }: Gate) =>
  `  ${verdict.padEnd(8)} ${gate.padEnd(13)} ${required ? '' : '(not required) '}${why}${looser ? ` Looser than usual: ${looser}.` : ''}`

export function evaluateCommands(program: Command): void {
  const evaluate = program.command('evaluate').description('Set two policies against each other, and hold one to gates')
  const inOne = (command: Command) => withData(command.requiredOption('--project <project>', 'id or name'))
  const of = '--of <id>'
  const running = evaluate
    .command('run')
    .description('Let two policies answer the same prompts, for people to compare')
    .requiredOption('--candidate <policy>', 'id or name')
    .requiredOption('--baseline <policy>', 'id or name')
    .option('--held-out <dataset>', 'the prompts that a dataset holds out')
    .option('--tag <tag>', 'prompts with a tag')
    .option('--limit <n>', 'so many prompts at most', whole(1, 10_000), 200)
    .option('--overlap <n>', 'how many people judge each pair', whole(1, 100), 1)
    .option('--seed <n>', 'draws prompts and answers', whole(0, 2 ** 31), 0)
    .option('--reward <model>', 'online, or a reward model that scores beside people')
  example(
    inOne(running),
    'evaluate run --project Helpdesk --candidate dpo-2 --baseline sft-1 --held-out "round 2" --reward online',
  ).action(action(run))
  const showing = evaluate.command('show').description('What came of it so far').option(of, 'without it, the newest')
  example(inOne(showing), 'evaluate show --project Helpdesk --json').action(action(show))
  const gating = evaluate
    .command('gates')
    .description('What stands between the candidate and its promotion; exits with 1 where it does not pass')
    .option(of, 'without it, the newest')
  example(inOne(gating), 'evaluate gates --project Helpdesk --json').action(action(gates))
}
