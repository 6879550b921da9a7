/** `stats preference`: scores of items from votes between two of them, or from rankings. */
import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { action, example, print, whole } from '../../platform/command.ts'
import { refuse } from '../errors.ts'
import type { NamedVotes } from '../preference/votes.ts'
import { oneOf } from './agreement.ts'
import { contextualScores } from './contextual.ts'
import { mixtureScores } from './mixture.ts'
import { modelFree, modelFreeFigures } from './orders.ts'
import { isPreflib, readPreflib } from './preflib.ts'
import { csv, decimals, method, textTable } from './show.ts'
import { atLeast, readVotes } from './votes.ts'

const names = [
  'bradley-terry',
  'plackett-luce',
  'annotator-aware',
  'elo',
  'contextual',
  'mixture',
  ...modelFree,
] as const
const tieNames = ['half', 'davidson', 'rao-kupper'] as const
const errorNames = ['sandwich', 'model', 'workers', 'bootstrap'] as const

export interface Flags {
  method: string
  ties: string
  prior?: string
  errors: string
  samples: string
  seed: number
  covariates: string
  groups: string
  columns?: string
  out?: string
  outWorkers?: string
  outVotes?: string
  json?: boolean
}

export interface Row {
  item: string
  label?: string
  score?: number
  worth?: number
  se?: number
  low?: number
  high?: number
  component: number
  /** Mixture: the group of workers whose scores these are. */
  group?: number
  undefined?: string
}

export interface Found {
  rows: Row[]
  more: Record<string, unknown>
  /** Printed below the table of items. */
  below?: string
  workers?: (string | number)[][]
  votes?: (string | number)[][]
}

export function preferenceCommand(stats: Command): void {
  const command = stats
    .command('preference')
    .description('scores of items from pairwise votes or rankings, with intervals')
    .argument('<file>', 'CSV or JSON lines with left, right, winner (left, right, tie), worker; or PrefLib .soc')
    .option('--method <name>', names.join(', '), 'bradley-terry')
    .option('--ties <model>', tieNames.join(', '), 'half')
    .option('--prior <count>', 'wins and losses of every item against a stand-in (0; annotator-aware 0.5)')
    .option('--errors <kind>', 'sandwich, model, workers (sandwich over workers), bootstrap', 'sandwich')
    .option('--samples <count>', 'samples of the bootstrap', '1000')
    .option('--seed <number>', 'seed of the bootstrap', whole(0), 0)
    .option(
      '--covariates <names>',
      'contextual: what else pulls at a vote: side, length, or NAME for the columns NAME_left and NAME_right',
      'side',
    )
    .option('--groups <count>', 'mixture: how many groups of workers', '2')
    .option('--columns <names>', 'left=NAME,right=NAME,winner=NAME,worker=NAME')
    .option('--out <file>', 'CSV with a row per item')
    .option('--out-workers <file>', 'annotator-aware, mixture: CSV with a row per worker')
    .option('--out-votes <file>', 'annotator-aware: CSV with the probability that each vote is flipped')
    .option('--json', 'print JSON')
    .action(action(run))
  example(command, 'stats preference votes.csv --method contextual --covariates side,length')
}

async function run(file: string, flags: Flags): Promise<void> {
  const asked = oneOf('--method', flags.method, names)
  const ties = oneOf('--ties', flags.ties, tieNames)
  const errors = oneOf('--errors', flags.errors, errorNames)
  const prior = flags.prior === undefined ? undefined : atLeast(flags.prior, '--prior', 0)
  const { seed } = flags
  const samples = atLeast(flags.samples, '--samples', 1)
  if (ties !== 'half' && asked !== 'bradley-terry')
    refuse(`--ties ${ties} belongs to bradley-terry.`, { where: '--ties' })
  if (errors === 'workers' && asked !== 'bradley-terry')
    refuse('--errors workers belongs to bradley-terry.', { where: '--errors' })
  if (errors === 'bootstrap' && asked !== 'bradley-terry')
    refuse('--errors bootstrap belongs to bradley-terry.', { where: '--errors' })
  if (flags.outVotes && asked !== 'annotator-aware')
    refuse('Only annotator-aware tells of single votes.', { where: '--out-votes' })
  if (flags.outWorkers && asked !== 'annotator-aware' && asked !== 'mixture')
    refuse('Only annotator-aware and mixture tell of workers.', { where: '--out-workers' })
  if (asked === 'orders' || asked === 'points') {
    if (isPreflib(file)) refuse(`Rankings need --method plackett-luce, not ${asked}.`, { where: file })
    return modelFreeFigures(file, asked, flags)
  }

  const found = isPreflib(file) ? await fromRankings() : await fromVotes()
  const sorted = [...found.rows].sort(
    (a, b) =>
      (a.group ?? 0) - (b.group ?? 0) || (b.score ?? Number.NEGATIVE_INFINITY) - (a.score ?? Number.NEGATIVE_INFINITY),
  )
  if (flags.out) writeFileSync(flags.out, csv([header(asked === 'mixture'), ...sorted.map(cells)]))
  if (flags.outWorkers && found.workers) writeFileSync(flags.outWorkers, csv(found.workers))
  if (flags.outVotes && found.votes) writeFileSync(flags.outVotes, csv(found.votes))
  print(
    { items: found.rows, ...method(asked, errors === 'bootstrap' ? seed : undefined), ...found.more },
    flags.json,
    () => table(sorted) + (found.below ? `\n${found.below}` : ''),
  )

  async function fromRankings(): Promise<Found> {
    if (asked !== 'plackett-luce') refuse(`Rankings need --method plackett-luce, not ${asked}.`, { where: file })
    const { plackettLuce } = await import('../preference/plackett-luce.ts')
    const ranked = readPreflib(file)
    const fit = plackettLuce(ranked.names.length, ranked.rankings, {
      prior,
      errors: errors === 'model' ? 'model' : 'sandwich',
    })
    const votes = ranked.rankings.reduce((sum, { weight }) => sum + weight, 0)
    const rows = rowsOf(
      fit,
      ranked.names.map((_, i) => String(i + 1)),
    )
    rows.forEach((row, i) => {
      row.label = ranked.names[i]!
    })
    return { rows, more: { rankings: votes, prior: prior ?? 0, ...convergence(fit) } }
  }

  async function fromVotes(): Promise<Found> {
    if (asked === 'contextual') return contextualScores(file, flags, prior)
    if (asked === 'mixture') return mixtureScores(file, flags, prior)
    const { votes } = await readVotes(file, flags.columns)
    const n = votes.left.length
    if (asked === 'plackett-luce') {
      const { plackettLuce } = await import('../preference/plackett-luce.ts')
      const rankings = Array.from(votes.left, (left, v) => {
        const pair = [left, votes.right[v]!]
        if (votes.outcome[v] === 2) return { groups: [pair], weight: 1 }
        return { groups: votes.outcome[v] === 0 ? [[pair[0]!], [pair[1]!]] : [[pair[1]!], [pair[0]!]], weight: 1 }
      })
      const fit = plackettLuce(votes.items, rankings, { prior, errors: errors === 'model' ? 'model' : 'sandwich' })
      return { rows: rowsOf(fit, votes.itemNames), more: { votes: n, prior: prior ?? 0, ...convergence(fit) } }
    }
    if (asked === 'elo') return eloRows(votes)
    if (asked === 'annotator-aware') return annotatorRows(votes)
    const { bradleyTerry } = await import('../preference/bradley-terry.ts')
    const fit = bradleyTerry(votes, {
      ties,
      prior,
      errors: errors === 'model' ? 'model' : 'sandwich',
      clusterByWorker: errors === 'workers',
    })
    const rows = rowsOf(fit, votes.itemNames)
    if (errors === 'bootstrap') {
      const { bootstrapScores } = await import('../preference/bootstrap.ts')
      const drawn = bootstrapScores(votes, { ties, prior, samples, seed, byWorker: Boolean(votes.worker) })
      rows.forEach((row, i) => {
        if (row.score !== undefined) Object.assign(row, { se: drawn.se[i], low: drawn.low[i], high: drawn.high[i] })
      })
    }
    const more = { votes: n, ties, prior: prior ?? 0, errors, tieParameter: fit.tieParameter, ...convergence(fit) }
    return { rows, more }
  }

  async function eloRows(votes: NamedVotes): Promise<Found> {
    const [{ elo }, { finiteItems }, { pairCounts }] = await Promise.all([
      import('../preference/elo.ts'),
      import('../preference/finite.ts'),
      import('../preference/votes.ts'),
    ])
    const score = elo(votes)
    const { component } = finiteItems(pairCounts(votes), 'half', 1)
    const total = score.reduce((sum, s) => sum + Math.exp(s), 0)
    const rows = votes.itemNames.map((item, i) => ({
      item,
      score: score[i]!,
      worth: Math.exp(score[i]!) / total,
      component: component[i]!,
    }))
    return { rows, more: { votes: votes.left.length } }
  }

  async function annotatorRows(votes: NamedVotes): Promise<Found> {
    const { annotatorAware } = await import('../preference/annotator-aware.ts')
    const fit = annotatorAware(votes, { prior })
    const workers = fit.workers.map((worker, w) => ({ worker: votes.workerNames[w]!, ...worker }))
    const head = ['worker', 'votes', 'reliability', 'low', 'high', 'left', 'leftLow', 'leftHigh']
    return {
      rows: rowsOf({ ...fit, reason: [] }, votes.itemNames),
      more: { votes: votes.left.length, prior: prior ?? 0.5, workers, ...convergence(fit) },
      workers: [
        head,
        ...workers.map((w) => [w.worker, w.votes, w.reliability, w.low, w.high, w.left, w.leftLow, w.leftHigh]),
      ],
      votes: [['vote', 'flip'], ...Array.from(fit.flip, (flip, v) => [v + 1, flip])],
    }
  }
}

const convergence = (fit: { logLikelihood: number; iterations: number; converged: boolean }) => ({
  logLikelihood: fit.logLikelihood,
  iterations: fit.iterations,
  converged: fit.converged,
})

interface Fit {
  score: Float64Array
  worth: Float64Array
  se: Float64Array
  component: Int32Array
  reason: (string | undefined)[]
}

function rowsOf(fit: Fit, items: readonly string[]): Row[] {
  return items.map((item, i) => {
    const component = fit.component[i]!
    const why = fit.reason[i]
    if (why !== undefined) return { item, component, undefined: why }
    const [score, se] = [fit.score[i]!, fit.se[i]!]
    return { item, score, worth: fit.worth[i]!, se, low: score - 1.959964 * se, high: score + 1.959964 * se, component }
  })
}

const header = (grouped: boolean) => [
  ...(grouped ? ['group'] : []),
  ...['item', 'label', 'score', 'worth', 'se', 'low', 'high', 'component', 'undefined'],
]
const cells = (row: Row): (string | number)[] => [
  ...(row.group === undefined ? [] : [row.group]),
  row.item,
  row.label ?? '',
  row.score ?? '',
  row.worth ?? '',
  row.se ?? '',
  row.low ?? '',
  row.high ?? '',
  row.component,
  row.undefined ?? '',
]

function table(rows: Row[]): string {
  const parts = new Set(rows.map(({ component }) => component)).size
  const grouped = rows.some(({ group }) => group !== undefined)
  const exact = rows.some(({ se }) => se !== undefined)
  const text = textTable(
    [...(grouped ? ['group'] : []), 'item', 'score', 'worth', ...(exact ? ['se', 'low', 'high'] : []), 'part'],
    rows.map((row) =>
      row.undefined
        ? [row.label ?? row.item, `undefined: ${row.undefined}`]
        : [
            ...(grouped ? [String(row.group)] : []),
            row.label ?? row.item,
            ...[row.score, row.worth, ...(exact ? [row.se, row.low, row.high] : [])].map((value) => decimals(value, 4)),
            String(row.component),
          ],
    ),
  )
  return parts > 1
    ? `${text}\n${parts} parts were never compared with each other: their scores cannot be compared.`
    : text
}
