/** `stats truth --method ordinal`: fair ratings on a scale, with the severity of each rater taken out. */
import { say } from '../../platform/command.ts'
import { refuse } from '../errors.ts'
import { compareNames, labelTable, numberNames } from '../truth/labels.ts'
import { ordinalTruth } from '../truth/ordinal.ts'
import { parseColumns, readColumns } from './read.ts'
import { decimals, method, textTable } from './show.ts'
import type { TruthFlags, TruthOutput } from './truth.ts'

export function ordinal(file: string, flags: TruthFlags): TruthOutput {
  if (flags.truth) refuse('ordinal compares with no known truth: a fair rating is a mean.', { where: '--truth' })
  const names = parseColumns(flags.columns, { item: 'item', worker: 'worker', label: 'label' })
  const { values, lines } = readColumns(file, names)
  const scale = scaleOf()
  const place = new Map(scale.map((label, k) => [label, k]))
  const [items, workers] = [numberNames(values.item), numberNames(values.worker)]
  const rating = values.label.map(
    (label, row) =>
      place.get(label) ??
      refuse(`${label} is not on the scale.`, {
        where: `${file}, line ${lines[row]}, column ${names.label}`,
        hint: `--order names ${scale.join(', ')}.`,
      }),
  )
  const sizes = { items: items.names.length, workers: workers.names.length, classes: scale.length }
  const fit = ordinalTruth(labelTable(items.index, workers.index, rating, sizes))
  const counts = new Int32Array(sizes.workers)
  for (const w of workers.index) counts[w]!++
  const quality = workers.names.map((worker, w) => {
    const [severity, se] = [fit.severity[w]!, fit.severitySe[w]!]
    return { worker, severity, se, low: severity - 1.959964 * se, high: severity + 1.959964 * se, ratings: counts[w]! }
  })
  const summary = {
    ...method('ordinal'),
    items: sizes.items,
    workers: sizes.workers,
    labels: rating.length,
    scale,
    steps: Array.from(fit.steps),
    logPosterior: fit.logPosterior,
    iterations: fit.iterations,
    converged: fit.converged,
    quality,
  }
  return {
    summary,
    // On the scale's own numbers where it has some, else from 1.
    items: [
      ['item', 'fair', 'quality', 'se'],
      ...items.names.map((item, i) => [item, fairOf(fit.fair[i]!), fit.quality[i]!, fit.qualitySe[i]!]),
    ],
    workers: [
      ['worker', 'severity', 'se', 'low', 'high', 'ratings'],
      ...quality.map(({ worker, severity, se, low, high, ratings }) => [worker, severity, se, low, high, ratings]),
    ],
    text: () =>
      [
        `ordinal: ${summary.items} items, ${summary.workers} workers, ${summary.labels} ratings on ${scale.join(' < ')}`,
        '',
        textTable(
          ['worker', 'severity', 'low', 'high', 'ratings'],
          [...quality]
            .sort((a, b) => b.severity - a.severity)
            .slice(0, 20)
            .map(({ worker, severity, low, high, ratings }) => [
              worker,
              ...[severity, low, high].map((number) => decimals(number)),
              String(ratings),
            ]),
        ),
        '',
        'Severity above 0: gives lower ratings than the others, on the log odds of one step of the scale.',
      ].join('\n'),
  }

  /** From lowest to highest. */
  function scaleOf(): string[] {
    if (flags.order) {
      const order = flags.order.split(',').map((label) => label.trim())
      if (new Set(order).size < order.length) refuse('A label stands twice on the scale.', { where: '--order' })
      return order
    }
    const given = [...new Set(values.label)].sort(compareNames)
    const word = values.label.findIndex((label) => !Number.isFinite(Number(label)))
    if (word >= 0)
      refuse(`The order of the ratings is not known: ${values.label[word]} is no number.`, {
        where: `${file}, line ${lines[word]}, column ${names.label}`,
        hint: 'Name the scale from its lowest end: --order poor,fair,good',
      })
    if (given.every((label) => Number.isInteger(Number(label)))) {
      // A rating that nobody gave is a step of the scale all the same.
      const [low, high] = [Number(given[0]), Number(given.at(-1))]
      if (high - low < 100) return Array.from({ length: high - low + 1 }, (_, k) => String(low + k))
    }
    say(`The scale is ${given.join(' < ')}; --order names another.`)
    return given
  }

  /** A mean of numbered ratings: between two of them by how far the expected place lies between theirs. */
  function fairOf(at: number): number {
    const numbers = scale.map(Number)
    if (!numbers.every(Number.isFinite)) return at + 1
    const below = Math.min(Math.floor(at), scale.length - 2)
    return numbers[below]! + (at - below) * (numbers[below + 1]! - numbers[below]!)
  }
}
