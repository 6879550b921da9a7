/** `stats truth --method numeric`: the true number of each item, and bias and spread of each worker. */
import { refuse } from '../errors.ts'
import { numberNames } from '../truth/labels.ts'
import { numericTruth } from '../truth/numeric.ts'
import { numberAt, parseColumns, readColumns } from './read.ts'
import { decimals, method, textTable } from './show.ts'
import type { TruthFlags, TruthOutput } from './truth.ts'

/** Root mean square of the differences to known numbers, of the estimates and of the plain means of the ratings. */
interface Against {
  rmse: number
  rmseOfMeans: number
  n: number
  missing: number
}

export function numeric(file: string, flags: TruthFlags): TruthOutput {
  const names = parseColumns(flags.columns, { item: 'item', worker: 'worker', label: 'label' })
  const rows = readColumns(file, names)
  const [items, workers] = [numberNames(rows.values.item), numberNames(rows.values.worker)]
  const value = Float64Array.from({ length: rows.length }, (_, row) => numberAt(rows, 'label', row, names.label))
  const fit = numericTruth({
    items: items.names.length,
    workers: workers.names.length,
    item: items.index,
    worker: workers.index,
    value,
  })
  const quality = workers.names.map((worker, w) => ({ worker, ...fit.workers[w]! }))
  const against = flags.truth ? compare(flags.truth) : undefined
  const summary = {
    ...method('numeric'),
    items: items.names.length,
    workers: workers.names.length,
    labels: rows.length,
    ...against,
    iterations: fit.iterations,
    converged: fit.converged,
    quality,
  }
  return {
    summary,
    items: [['item', 'value', 'se'], ...items.names.map((item, i) => [item, fit.value[i]!, fit.se[i]!])],
    workers: [
      ['worker', 'bias', 'biasSe', 'spread', 'weight', 'ratings'],
      ...quality.map(({ worker, bias, biasSe, spread, weight, ratings }) => [
        worker,
        bias,
        biasSe,
        spread,
        weight,
        ratings,
      ]),
    ],
    text: () =>
      [
        `numeric: ${summary.items} items, ${summary.workers} workers, ${summary.labels} numbers`,
        ...(against
          ? [
              `root mean square error ${against.rmse.toFixed(4)} on ${against.n} items (plain means ${against.rmseOfMeans.toFixed(4)})`,
            ]
          : []),
        '',
        textTable(
          ['worker', 'bias', 'se', 'spread', 'ratings'],
          [...quality]
            .sort((a, b) => Math.abs(b.bias) - Math.abs(a.bias))
            .slice(0, 20)
            .map(({ worker, bias, biasSe, spread, ratings }) => [
              worker,
              ...[bias, biasSe, spread].map((number) => decimals(number)),
              String(ratings),
            ]),
        ),
      ].join('\n'),
  }

  function compare(path: string): Against {
    const truth = readColumns(path, { item: 'item', truth: 'truth' })
    const place = new Map(items.names.map((item, i) => [item, i]))
    const [sums, counts] = [new Float64Array(items.names.length), new Float64Array(items.names.length)]
    items.index.forEach((i, n) => {
      sums[i]! += value[n]!
      counts[i]! += 1
    })
    let [squares, plain, n, missing] = [0, 0, 0, 0]
    for (let row = 0; row < truth.length; row++) {
      const known = numberAt(truth, 'truth', row)
      const i = place.get(truth.values.item[row]!)
      if (i === undefined) missing++
      else {
        squares += (fit.value[i]! - known) ** 2
        plain += (sums[i]! / counts[i]! - known) ** 2
        n++
      }
    }
    if (!n) refuse(`No item of ${path} occurs in ${file}.`, { where: path })
    return { rmse: Math.sqrt(squares / n), rmseOfMeans: Math.sqrt(plain / n), n, missing }
  }
}
