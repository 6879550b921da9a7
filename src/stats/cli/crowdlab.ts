/** `stats truth --method crowdlab`: labels together with the probabilities of a model. */
import { refuse } from '../errors.ts'
import { crowdlab as fitCrowdlab } from '../truth/crowdlab.ts'
import { describe } from '../truth/describe.ts'
import { labelTable, type NamedLabels, numberNames } from '../truth/labels.ts'
import { parseColumns, readColumns, readGrid } from './read.ts'
import { classesOf, type TruthFlags, type TruthOutput } from './truth.ts'

interface Predictions {
  classNames: string[]
  /** By item: one probability a class, and the line that gave them. */
  rows: Map<string, { probabilities: number[]; line: number }>
}

export function crowdlab(file: string, flags: TruthFlags): TruthOutput {
  const path =
    flags.model ??
    refuse('crowdlab needs the probabilities of a model.', {
      where: '--model',
      hint: 'A CSV with item and one column a class, from a model that never saw the labels of the item.',
    })
  const { classNames, rows } = readPredictions(path)
  const names = parseColumns(flags.columns, { item: 'item', worker: 'worker', label: 'label' })
  const { values, lines } = readColumns(file, names)
  const place = new Map(classNames.map((name, k) => [name, k]))
  const [items, workers] = [numberNames(values.item), numberNames(values.worker)]
  const label = values.label.map(
    (own, row) =>
      place.get(own) ??
      refuse(`The model has no column for ${own}.`, {
        where: `${file}, line ${lines[row]}, column ${names.label}`,
        hint: `${path} has ${classNames.join(', ')}.`,
      }),
  )
  const model = new Float64Array(items.names.length * classNames.length)
  for (const [i, item] of items.names.entries()) {
    const found =
      rows.get(item) ??
      refuse(`The model says nothing of item ${item}.`, {
        where: `${file}, line ${lines[values.item.indexOf(item)]}, column ${names.item}`,
        hint: `Give it a row in ${path}.`,
      })
    model.set(found.probabilities, i * classNames.length)
  }
  const sizes = { items: items.names.length, workers: workers.names.length, classes: classNames.length }
  const table: NamedLabels = {
    ...labelTable(items.index, workers.index, label, sizes),
    itemNames: items.names,
    workerNames: workers.names,
    classNames,
  }
  const truth = flags.truth
    ? classesOf(table, file, readColumns(flags.truth, { item: 'item', truth: 'truth' }), false)
    : undefined
  const fit = fitCrowdlab(table, model)
  const summary = describe(table, fit, { seed: 0, truth: truth?.classes, missing: truth?.missing })
  const json = { ...summary.json(), modelWeight: fit.modelWeight }
  const [header, ...itemRows] = summary.itemRows()
  return {
    summary: json,
    items: [[...header!, 'confidence'], ...itemRows.map((row, i) => [...row, fit.confidence[i]!])],
    workers: summary.workerRows(),
    text: () => `${summary.text(json)}\n\nThe model weighs as much as ${fit.modelWeight.toFixed(2)} sure workers.`,
  }
}

function readPredictions(path: string): Predictions {
  const { header, rows, lines } = readGrid(path, { header: true })
  const at = header.indexOf('item')
  if (at < 0) refuse('There is no column item.', { where: `${path}, line 1`, hint: 'item, then one column a class.' })
  const classNames = header.filter((_, c) => c !== at)
  if (classNames.length < 2) refuse('Two classes or more were expected.', { where: `${path}, line 1` })
  const found: Predictions['rows'] = new Map()
  for (const [n, row] of rows.entries()) {
    const [line, item] = [lines[n]!, row[at]!]
    if (item === '') refuse('A value is missing.', { where: `${path}, line ${line}, column item` })
    const earlier = found.get(item)
    if (earlier)
      refuse(`Item ${item} stands twice (first on line ${earlier.line}).`, { where: `${path}, line ${line}` })
    const cells = row.flatMap((cell, c) => (c === at ? [] : [{ cell, column: header[c]! }]))
    const probabilities = cells.map(({ cell, column }) => {
      const value = Number(cell)
      if (cell === '' || !(value >= 0 && value <= 1))
        refuse(`A probability from 0 to 1 was expected, found ${cell === '' ? 'nothing' : cell}.`, {
          where: `${path}, line ${line}, column ${column}`,
        })
      return value
    })
    const sum = probabilities.reduce((a, b) => a + b, 0)
    if (Math.abs(sum - 1) > 1e-3)
      refuse(`The probabilities of item ${item} sum to ${sum.toFixed(4)}, not 1.`, { where: `${path}, line ${line}` })
    found.set(item, { probabilities, line })
  }
  return { classNames, rows: found }
}
