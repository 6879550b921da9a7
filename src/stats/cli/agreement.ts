/** `stats agreement FILE`: how far raters agree, beyond chance, with an interval. */
import type { Command } from 'commander'
import { action, example, print, say } from '../../platform/command.ts'
import type { CoefficientName } from '../agreement/agreement.ts'
import type { MetricName, WeightName } from '../agreement/distances.ts'
import type { Estimate, Undefined } from '../agreement/estimate.ts'
import type { Ratings } from '../agreement/ratings.ts'
import { refuse } from '../errors.ts'
import { parseColumns, readColumns, readGrid } from './read.ts'
import { decimals, method, textTable } from './show.ts'

type Layout = 'long' | 'raters' | 'units' | 'table'
interface Flags {
  layout: string
  coefficient: string
  weights?: string
  metric?: string
  order?: string
  columns?: string
  confidence: string
  json?: boolean
}

export function agreementCommand(stats: Command): void {
  const command = stats
    .command('agreement')
    .description('how far raters agree beyond chance, with standard error and interval')
    .argument('<file>', 'CSV or JSON lines')
    .option('--layout <layout>', 'long (item, worker, label), raters, units or table', 'long')
    .option(
      '--coefficient <name>',
      'percent, cohen, scott, fleiss, conger, brennan-prediger, gwet, krippendorff, all',
      'all',
    )
    .option('--weights <name>', 'identity, linear, quadratic, ordinal, radical, ratio, circular, bipolar')
    .option('--metric <name>', 'Krippendorff: nominal, ordinal, interval, ratio, masi (label sets)')
    .option('--order <labels>', 'the labels from low to high, separated by commas')
    .option('--columns <names>', 'item=NAME,worker=NAME,label=NAME of the long layout')
    .option('--confidence <share>', 'coverage of the interval', '0.95')
    .option('--json', 'print JSON')
    .action(action(run))
  example(command, 'stats agreement labels.csv --coefficient krippendorff --metric ordinal')
}

async function run(file: string, flags: Flags): Promise<void> {
  const { agreement, coefficientNames } = await import('../agreement/agreement.ts')
  const { metricNames, weightNames } = await import('../agreement/distances.ts')
  const layout = oneOf('--layout', flags.layout, ['long', 'raters', 'units', 'table'] as const)
  const asked = oneOf('--coefficient', flags.coefficient, [...coefficientNames, 'all'] as const)
  const weights = flags.weights === undefined ? undefined : oneOf<WeightName>('--weights', flags.weights, weightNames)
  const metric = flags.metric === undefined ? undefined : oneOf<MetricName>('--metric', flags.metric, metricNames)
  if (weights && metric) refuse('--weights and --metric exclude each other.', { where: '--metric' })
  if (metric && asked !== 'krippendorff' && asked !== 'all')
    refuse(`The metrics are Krippendorff's own; ${asked} takes --weights.`, { where: '--metric' })
  const confidence = Number(flags.confidence)
  if (!(confidence > 0 && confidence < 1))
    refuse('The coverage must lie between 0 and 1.', { where: '--confidence', hint: 'Write 0.95 for 95%.' })

  const ratings = await readRatings(file, layout, flags)
  const ordered = (weights && weights !== 'identity') || metric === 'ordinal'
  if (ordered && !ratings.numbers && !flags.order && layout !== 'table')
    say(`The labels are taken in this order: ${ratings.categories.join(', ')}; --order says another one.`)

  const names = (asked === 'all' ? (metric ? ['krippendorff'] : coefficientNames) : [asked]) as CoefficientName[]
  const divisor = layout === 'table' ? 'items' : 'items - 1'
  const found = agreement(ratings, names, { weights, metric, confidence, divisor })
  const shown = names.filter(
    (name) => asked !== 'all' || ratings.raters === 2 || (name !== 'cohen' && name !== 'scott'),
  )
  const scale = metric ? { metric } : { weights: weights ?? 'identity' }
  const estimates = shown.map((coefficient) => {
    const result: Estimate | Undefined = found[coefficient]
    if ('undefined' in result) return { coefficient, ...scale, undefined: result.undefined }
    const { items, ...numbers } = result
    return { coefficient, ...scale, ...numbers, items, raters: ratings.raters }
  })
  print({ estimates, ratings: ratings.item.length, confidence, ...method('agreement') }, flags.json, () =>
    textTable(
      ['coefficient', metric ? 'metric' : 'weights', 'estimate', 'se', 'low', 'high', 'items', 'raters'],
      estimates.map((row) =>
        'undefined' in row
          ? [row.coefficient, metric ?? weights ?? 'identity', `undefined: ${row.undefined}`]
          : [
              row.coefficient,
              metric ?? weights ?? 'identity',
              ...[row.estimate, row.se, row.low, row.high].map((value) => decimals(value, 4)),
              String(row.items),
              String(row.raters),
            ],
      ),
    ),
  )
}

export function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((name) => name === value)
  return found ?? refuse(`${flag} does not know ${value}.`, { where: flag, hint: `One of ${allowed.join(', ')}.` })
}

async function readRatings(file: string, layout: Layout, flags: Flags): Promise<Ratings> {
  const { findDuplicate, ratingsFromGrid, ratingsFromLong, ratingsFromTable } = await import('../agreement/ratings.ts')
  const order = flags.order?.split(',').map((label) => label.trim())
  if (layout === 'long') {
    const names = parseColumns(flags.columns, { item: 'item', worker: 'worker', label: 'label' })
    const { values, lines } = readColumns(file, names)
    const ratings = ratingsFromLong(values.item, values.worker, values.label, order)
    const twice = findDuplicate(ratings)
    if (twice) {
      const [first, second] = twice
      refuse(
        `Worker ${values.worker[second]} labels item ${values.item[second]} a second time (first on line ${lines[first]}).`,
        {
          where: `${file}, line ${lines[second]}, column ${names.worker}`,
          hint: 'Agreement counts one label of a worker on an item: keep the one that is in force.',
        },
      )
    }
    return ratings
  }
  if (layout === 'raters') {
    const { rows } = readGrid(file, { header: true })
    return ratingsFromGrid(rows, order)
  }
  if (layout === 'units') {
    const { rows } = readGrid(file, { header: false })
    return ratingsFromGrid(
      rows[0]!.map((_, i) => rows.map((row) => row[i]!)),
      order,
    )
  }
  return ratingsFromTable(...readTable(file))
}

/** A square table of counts; the first column and the header name the categories, in the same order. */
function readTable(file: string): [number[][], string[]] {
  const { header, rows, lines } = readGrid(file, { header: true })
  const categories = header.slice(1)
  if (rows.length !== categories.length)
    refuse(`The table has ${rows.length} rows and ${categories.length} columns of counts; it must be square.`, {
      where: file,
    })
  const counts = rows.map((row, k) => {
    const line = `${file}, line ${lines[k]}`
    if (row[0] !== categories[k])
      refuse(`The row is called ${row[0]}, the column of the same place ${categories[k]}.`, {
        where: `${line}, column 1`,
        hint: 'Rows and columns name the same categories in the same order.',
      })
    return row.slice(1).map((cell, l) => {
      const count = Number(cell)
      if (cell === '' || !Number.isInteger(count) || count < 0)
        refuse(`A count (0, 1, 2, ...) was expected, found "${cell}".`, { where: `${line}, column ${categories[l]}` })
      return count
    })
  })
  if (counts.flat().every((count) => count === 0)) refuse('Every count is 0.', { where: file })
  return [counts, categories]
}
