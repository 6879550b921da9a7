/** `round`: begins a round from a plan, shows how it stands, tries again where it failed, and ends it. */
import type { Command } from 'commander'
import { action, example, print, whole } from '../platform/command.ts'
import { type DataOptions, groundOf, withData } from '../platform/data-option.ts'
import { fail } from '../platform/errors.ts'
import type { Db } from '../platform/sql.ts'
import { inProject } from '../projects/project-option.ts'
import type { NewPlan, Plan, Round, Settings, Station } from './contract.ts'
import type { Ground } from './stations/station.ts'

interface Options extends DataOptions {
  project: string
}

interface Opened {
  db: Db
  project: string
}

/** Acts in one transaction; a server that runs goes on from there. */
const acting = (
  options: Options,
  act: (opened: Opened, inOne: <T>(what: (trx: Db, ground: Ground) => Promise<T>) => Promise<T>) => Promise<void>,
) =>
  inProject(options, async (db, project, opened) => {
    const [ground, { inTransaction }] = await Promise.all([groundOf(opened), import('../platform/sql.ts')])
    await act({ db, project }, (what) => inTransaction(db, (trx) => what(trx, ground)))
  })

/** By its number; without one the newest. */
async function chosen({ db, project }: Opened, number: number | undefined): Promise<Round> {
  const { listRounds } = await import('./store.ts')
  const after = number === undefined ? undefined : String(number + 1)
  const [found] = (await listRounds(db, { project, after, limit: 1 })).rows
  if (found && (number === undefined || found.number === number)) return found
  return fail('not_found', number === undefined ? 'No round has begun yet.' : `There is no round ${number}.`, {
    where: '--round',
    hint: '`./plumbline round list` shows those of a project.',
  })
}

const numberFrom = whole(1, 1e9)

const line = ({ number, state, at, policy, promoted, reason }: Round): string =>
  [
    `${String(number).padStart(4)}  ${state.padEnd(6)}  ${at.padEnd(10)}  ${policy.name}`,
    promoted ? ` -> ${promoted.name}` : '',
    reason ? `  (${reason})` : '',
  ].join('')

/** How far a station is, how long it took, and why it stands still. */
function stationLine({ station, state, facts, seconds, problem }: Station): string {
  const { done, total, name, winRate } = facts
  const parts = [
    total === undefined ? '' : `${done ?? 0} of ${total}`,
    name ?? '',
    winRate ? `wins ${(winRate.value * 100).toFixed(0)}% of ${winRate.n}` : '',
    seconds === null ? '' : `${seconds.toFixed(0)} s`,
    problem?.message ?? '',
  ]
  return `      ${station.padEnd(10)} ${state.padEnd(8)} ${parts.filter(Boolean).join(', ')}`.trimEnd()
}

const lines = (round: Round): string => [line(round), ...round.stations.map(stationLine)].join('\n')

const list = ({ limit, ...options }: Options & { limit: number }) =>
  inProject(options, async (db, project) => {
    const { listRounds } = await import('./store.ts')
    const { rows } = await listRounds(db, { project, limit })
    print({ rows }, options.json, () => rows.map(line).join('\n') || 'No round has begun yet.')
  })

const show = ({ round, ...options }: Options & { round?: number }) =>
  inProject(options, async (db, project) => print(await chosen({ db, project }, round), options.json, lines))

/** A policy may be called by its name, which people know. */
async function withPolicies(db: Db, project: string, given: NewPlan): Promise<NewPlan> {
  const { listPolicies } = await import('../models/policies/store.ts')
  const known = await listPolicies(db, project)
  const idOf = (name: string) => known.find((policy) => policy.id === name || policy.name === name)?.id ?? name
  const { policy, samples } = given
  return {
    ...given,
    policy: typeof policy === 'string' ? idOf(policy) : policy,
    samples: samples && { ...samples, policies: samples.policies?.map(idOf) },
  }
}

async function planFrom(db: Db, project: string, path: string): Promise<Plan> {
  const [{ readFile }, { plan }] = await Promise.all([import('node:fs/promises'), import('./contract.ts')])
  const text = await readFile(path, 'utf8')
  const given = jsonOf(text, path)
  const read = plan.safeParse(await withPolicies(db, project, given as NewPlan))
  if (read.success) return read.data
  const [issue] = read.error.issues
  return fail('bad_input', `The plan is not right: ${issue!.message}.`, {
    where: [path, ...issue!.path].join(', '),
    hint: 'Only `policy`, an id or a name, is required; docs/loop.md shows a plan.',
  })
}

function jsonOf(text: string, where: string): object {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (error) {
    return fail('bad_input', `This is no JSON: ${(error as Error).message}`, { where })
  }
  return fail('bad_input', 'This is no JSON object.', { where })
}

const begin = (path: string, options: Options) =>
  acting(options, async (opened, inOne) => {
    const { startRound } = await import('./lead.ts')
    const { db, project } = opened
    const plan = await planFrom(db, project, path)
    await inOne((trx, ground) => startRound(trx, ground, { project, plan }))
    const begun = await chosen(opened, undefined)
    print(begun, options.json, () => `${line(begun)}\nA running server turns it; \`round show\` says how far it is.`)
  })

interface RetryOptions extends Options {
  round?: number
  reward?: string
  training?: string
}

const retry = ({ round, reward, training, ...options }: RetryOptions) =>
  acting(options, async (opened, inOne) => {
    const { retryRound } = await import('./lead.ts')
    const settings = {
      ...(reward === undefined ? {} : { reward: jsonOf(reward, '--reward') as Settings }),
      ...(training === undefined ? {} : { training: jsonOf(training, '--training') as Settings }),
    }
    const { id, number } = await chosen(opened, round)
    await inOne((trx, ground) => retryRound(trx, ground, { project: opened.project, round: id, settings }))
    const again = await chosen(opened, number)
    print(again, options.json, line)
  })

const close = ({ round, why, ...options }: Options & { round?: number; why: string }) =>
  acting(options, async (opened, inOne) => {
    const { closeRound } = await import('./lead.ts')
    if (!why.trim()) fail('bad_input', 'A round ends for a reason.', { where: '--why' })
    const { id, number } = await chosen(opened, round)
    await inOne((trx, ground) => closeRound(trx, ground, { project: opened.project, round: id, why: why.trim() }))
    const closed = await chosen(opened, number)
    print(closed, options.json, line)
  })

export function roundCommands(program: Command): void {
  const round = program.command('round').description('Rounds of the loop, from prompts to a promotion')
  const inOne = (command: Command) => withData(command.requiredOption('--project <project>', 'id or name'))
  const which = ['--round <number>', 'without it, the newest', numberFrom] as const
  example(
    inOne(
      round
        .command('list')
        .description('Rounds, the newest first')
        .option('--limit <n>', 'so many at most', numberFrom, 50),
    ),
    'round list --project Helpdesk',
  ).action(action(list))
  example(
    inOne(
      round
        .command('show')
        .description('How a round stands, station by station')
        .option(...which),
    ),
    'round show --project Helpdesk --json',
  ).action(action(show))
  example(
    inOne(round.command('start <plan>').description('Begin a round from a plan, a file of JSON')),
    'round start plan.json --project Helpdesk',
  ).action(action(begin))
  example(
    inOne(
      round
        .command('retry')
        .description('Try the station again at which a round has failed')
        .option(...which)
        .option('--reward <json>', 'settings of the reward model in place of those in the plan')
        .option('--training <json>', 'settings of the training of the policy in place of those in the plan'),
    ),
    `round retry --project Helpdesk --training '{"learningRate": 1e-5, "steps": 200}'`,
  ).action(action(retry))
  example(
    inOne(
      round
        .command('close')
        .description('End a round without a promotion')
        .option(...which)
        .requiredOption('--why <text>', 'kept with the round and in the audit log'),
    ),
    'round close --project Helpdesk --why "the guideline has changed"',
  ).action(action(close))
}
