/** What `stats agreement` does: reads the ratings, computes the coefficients, prints them. */
import { writeFileSync } from 'node:fs'
import { print, say } from '../../platform/command.ts'
import { aggregateReliability } from '../agreement/aggregate.ts'
import { agreement, type CoefficientName, coefficientNames } from '../agreement/agreement.ts'
import { type BootstrapCoefficient, bootstrapAgreement } from '../agreement/bootstrap.ts'
import {
  type MetricName,
  metricDistance,
  metricNames,
  type WeightName,
  weightDistance,
  weightNames,
} from '../agreement/distances.ts'
import type { Undefined } from '../agreement/estimate.ts'
import { type Interval, oneWayCorrelation, twoWayCorrelations } from '../agreement/icc.ts'
import { pairableTotals } from '../agreement/krippendorff.ts'
import { pairwiseAgreement } from '../agreement/pairwise.ts'
import { itemAgreement, type Prepared, prepare } from '../agreement/prepared.ts'
import { kendallTau, kendallW } from '../agreement/ranks.ts'
import { countItems, type Ratings } from '../agreement/ratings.ts'
import { refuse } from '../errors.ts'
import { finish } from '../resampling.ts'
import { type AgreementFlags, oneOf } from './agreement.ts'
import { type NamedRatings, readRatings } from './ratings.ts'
import { csv, decimals, method, textTable } from './show.ts'
import { type SpanRow, spanRows } from './spans.ts'

type Row = { coefficient: string; metric?: string; weights?: string } & (
  | { estimate: number; se?: number; low?: number; high?: number; p?: number; items: number; raters: number }
  | { undefined: string }
)

export async function run(file: string, flags: AgreementFlags): Promise<void> {
  const layout = oneOf('--layout', flags.layout, ['long', 'raters', 'units', 'table', 'spans'] as const)
  const asked = oneOf('--coefficient', flags.coefficient, [...coefficientNames, 'all', 'icc', 'kendall'] as const)
  const weights = flags.weights === undefined ? undefined : oneOf<WeightName>('--weights', flags.weights, weightNames)
  const metric = flags.metric === undefined ? undefined : oneOf<MetricName>('--metric', flags.metric, metricNames)
  const over =
    flags.bootstrap === undefined
      ? undefined
      : oneOf('--bootstrap', flags.bootstrap, ['items', 'items-and-raters'] as const)
  if (weights && metric) refuse('--weights and --metric exclude each other.', { where: '--metric' })
  if (metric && asked !== 'krippendorff' && asked !== 'all')
    refuse(`The metrics are Krippendorff's own; ${asked} takes --weights.`, { where: '--metric' })
  const confidence = Number(flags.confidence)
  if (!(confidence > 0 && confidence < 1))
    refuse('The coverage must lie between 0 and 1.', { where: '--confidence', hint: 'Write 0.95 for 95%.' })
  const { seed } = flags

  if (layout === 'spans') {
    const { rows, spans } = spanRows(file, flags, seed, confidence)
    show({ estimates: rows, spans, confidence, ...method('agreement', seed) }, rows, flags.json)
    return
  }
  const named = readRatings(file, layout, flags)
  const { ratings } = named
  const k = flags.aggregate === undefined ? undefined : Number(flags.aggregate)
  if (k !== undefined && !(Number.isInteger(k) && k >= 1))
    refuse('A number of raters (1, 2, ...) was expected.', { where: '--aggregate' })
  const rows =
    k !== undefined
      ? [ofAggregate(ratings, k, metric, seed, confidence)]
      : asked === 'icc' || asked === 'kendall'
        ? ofNumbers(asked, ratings, confidence)
        : ofCategories(ratings, { asked, weights, metric, confidence, over, seed, table: layout === 'table', flags })
  if (flags.out) writeItems(flags.out, named, weights, metric)
  if (flags.outPairs) writePairs(flags.outPairs, named, weights, metric)
  show(
    { estimates: rows, ratings: ratings.item.length, confidence, ...method('agreement', over || k ? seed : undefined) },
    rows,
    flags.json,
  )
}

function show(result: object, rows: readonly (Row | SpanRow)[], json: boolean | undefined): void {
  const scaleOf = (row: Row | SpanRow) => ('metric' in row && row.metric) || ('weights' in row && row.weights) || ''
  const scale = rows.some((row) => 'metric' in row) ? 'metric' : 'weights'
  print(result, json, () =>
    textTable(
      ['coefficient', scale, 'estimate', 'se', 'low', 'high', 'items', 'raters'],
      rows.map((row) =>
        'undefined' in row
          ? [row.coefficient, scaleOf(row), `undefined: ${row.undefined}`]
          : [
              row.coefficient,
              scaleOf(row),
              ...[row.estimate, 'se' in row ? row.se : undefined, row.low, row.high].map((value) => decimals(value, 4)),
              String(row.items),
              String(row.raters),
            ],
      ),
    ),
  )
}

interface Asked {
  asked: CoefficientName | 'all'
  weights?: WeightName
  metric?: MetricName
  confidence: number
  over?: 'items' | 'items-and-raters'
  seed: number
  table: boolean
  flags: AgreementFlags
}

function ofCategories(
  ratings: Ratings,
  { asked, weights, metric, confidence, over, seed, table, flags }: Asked,
): Row[] {
  const ordered = (weights && weights !== 'identity') || metric === 'ordinal'
  if (ordered && !ratings.numbers && !flags.order && !table)
    say(`The labels are taken in this order: ${ratings.categories.join(', ')}; --order says another one.`)
  const all: CoefficientName[] = metric
    ? ['krippendorff']
    : coefficientNames.filter((name) => ratings.raters === 2 || (name !== 'cohen' && name !== 'scott'))
  const names = asked === 'all' ? all : [asked]
  const scale = metric ? { metric } : { weights: weights ?? 'identity' }
  const found = agreement(ratings, names, { weights, metric, confidence, divisor: table ? 'items' : 'items - 1' })
  const prepared = over && prepareAs(ratings, weights, metric)
  return names.map((coefficient): Row => {
    const result = found[coefficient]
    if ('undefined' in result) return { coefficient, ...scale, undefined: result.undefined }
    const row = { coefficient, ...scale, ...result, raters: ratings.raters }
    if (!prepared) return row
    if (coefficient === 'cohen' || coefficient === 'scott')
      return { coefficient, ...scale, undefined: 'bootstrap conger or fleiss, its form for any number of raters' }
    const drawn = resampled(prepared, coefficient, over, seed, confidence)
    return 'undefined' in drawn ? { coefficient, ...scale, undefined: drawn.undefined } : { ...row, ...drawn }
  })
}

function resampled(
  prepared: Prepared,
  coefficient: BootstrapCoefficient,
  over: 'items' | 'items-and-raters',
  seed: number,
  confidence: number,
) {
  const options = { over: over === 'items' ? over : ('items and raters' as const), seed, confidence }
  const progress = (share: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${coefficient}: ${Math.round(100 * share)}% of the resamples `)
  }
  const drawn = finish(bootstrapAgreement(prepared, coefficient, options), progress)
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  return drawn
}

function prepareAs(ratings: Ratings, weights?: WeightName, metric?: MetricName): Prepared {
  const counts = countItems(ratings)
  const distance = metric
    ? metricDistance(metric, ratings, pairableTotals(counts, ratings.categories.length))
    : weightDistance(weights ?? 'identity', ratings)
  return prepare(ratings, distance, counts)
}

/** Agreement of the aggregate of k raters with that of k others: their mean with the metric interval, else their majority. */
function ofAggregate(
  ratings: Ratings,
  k: number,
  metric: MetricName | undefined,
  seed: number,
  confidence: number,
): Row {
  const aggregate = metric === 'interval' ? 'mean' : 'majority'
  const coefficient = `${aggregate} of ${k}`
  const found = aggregateReliability(ratings, k, { aggregate, seed, confidence })
  if ('undefined' in found) return { coefficient, undefined: found.undefined }
  const { estimate, low, high, items } = found
  return { coefficient, metric: metric ?? 'nominal', estimate, low, high, items, raters: ratings.raters }
}

/** One row an item, one cell a rater; NaN where there is no rating. */
function gridOf(ratings: Ratings): Float64Array[] {
  const { numbers } = ratings
  if (!numbers) refuse('These coefficients need labels that are numbers.', { where: '--coefficient' })
  const rows = Array.from({ length: ratings.items }, () => new Float64Array(ratings.raters).fill(Number.NaN))
  for (let r = 0; r < ratings.item.length; r++)
    rows[ratings.item[r]!]![ratings.rater[r]!] = numbers[ratings.category[r]!]!
  return rows
}

function ofNumbers(asked: 'icc' | 'kendall', ratings: Ratings, confidence: number): Row[] {
  const rows = gridOf(ratings)
  const { raters } = ratings
  if (asked === 'icc') {
    const one = oneWayCorrelation(rows, confidence)
    const two = twoWayCorrelations(rows, confidence)
    const row = (coefficient: string, found: { items: number } | Undefined, own: Interval | undefined): Row =>
      'undefined' in found
        ? { coefficient, undefined: found.undefined }
        : { coefficient, ...own!, items: found.items, raters }
    const [single, mean] = 'undefined' in one ? [] : [one.single, one.average]
    const of = 'undefined' in two ? undefined : two
    return [
      row('icc(1,1)', one, single),
      row('icc(2,1)', two, of?.random),
      row('icc(3,1)', two, of?.mixed),
      row('icc(1,k)', one, mean),
      row('icc(2,k)', two, of?.randomAverage),
      row('icc(3,k)', two, of?.mixedAverage),
    ]
  }
  if (raters === 2) {
    const both = rows.filter((row) => row.every((value) => !Number.isNaN(value)))
    const tau = kendallTau(
      both.map((row) => row[0]!),
      both.map((row) => row[1]!),
      confidence,
    )
    if ('undefined' in tau) return [{ coefficient: 'kendall tau-b', undefined: tau.undefined }]
    const { tau: estimate, low, high, p, n } = tau
    return [{ coefficient: 'kendall tau-b', estimate, low, high, p, items: n, raters }]
  }
  const concordance = kendallW(rows)
  if ('undefined' in concordance) return [{ coefficient: 'kendall w', undefined: concordance.undefined }]
  const { w, p, items } = concordance
  return [{ coefficient: 'kendall w', estimate: w, p, items, raters }]
}

/** Mean distance of the pairs of each item, 0 where all agree; with weights it lies in 0..1 and agreement is what is left of 1. */
function writeItems(
  path: string,
  { ratings, itemNames }: NamedRatings,
  weights?: WeightName,
  metric?: MetricName,
): void {
  const prepared = prepareAs(ratings, weights, metric)
  const rows = itemNames.map((name, i) => {
    const paired = prepared.counts.pairs[i]! > 0
    return [name, prepared.counts.total[i]!, paired ? 1 - itemAgreement(prepared, i) : '']
  })
  writeFileSync(path, csv([['item', 'ratings', 'distance'], ...rows]))
}

function writePairs(
  path: string,
  { ratings, raterNames }: NamedRatings,
  weights?: WeightName,
  metric?: MetricName,
): void {
  const pairs = pairwiseAgreement(ratings, prepareAs(ratings, weights, metric).distance)
  const rows = pairs.map(({ first, second, items, agreement: share, kappa }) => [
    raterNames[first]!,
    raterNames[second]!,
    items,
    share,
    typeof kappa === 'number' ? kappa : '',
  ])
  writeFileSync(path, csv([['first', 'second', 'items', 'agreement', 'kappa'], ...rows]))
}
