import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createRandom, shuffle } from '../random.ts'
import { dawidSkene } from './dawid-skene.ts'
import { type NamedLabels, namedLabels } from './labels.ts'
import { mace } from './mace.ts'
import { inferTruth, type Method } from './methods.ts'
import { oneCoin } from './one-coin.ts'
import { accuracyAgainst } from './result.ts'

const data = (path: string) => fileURLToPath(new URL(`../../../../shared/data/${path}`, import.meta.url))
const absent = !existsSync(data('truth-inference'))
const rowsOf = (path: string) =>
  readFileSync(data(path), 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','))
const column = (rows: string[][], n: number) => rows.map((row) => row[n]!)

function tableOf(rows: string[][]): NamedLabels {
  return namedLabels(column(rows, 0), column(rows, 1), column(rows, 2))
}
function load(set: string) {
  const table = tableOf(rowsOf(`truth-inference/${set}/label.csv`))
  const truth = new Map(rowsOf(`truth-inference/${set}/truth.csv`).map(([item, label]) => [item, label]))
  const classes = Int32Array.from(table.itemNames, (name) => table.classNames.indexOf(truth.get(name) ?? ''))
  return { table, classes }
}
function accuracy(set: string, method: Method): number {
  const { table, classes } = load(set)
  const result = inferTruth(table, method, { prior: 0 })
  return accuracyAgainst(result.posterior, table.classes, classes)
}

describe.skipIf(absent)('published accuracies (skipped where ../shared/data is absent)', () => {
  it.each([
    ['product', 'majority', 0.897, 0.0015],
    ['product', 'dawid-skene', 0.94, 0.0015],
    ['product', 'ibcc', 0.9383, 0.0006],
    ['product', 'glad', 0.928, 0.0015],
    ['product', 'mace', 0.8245, 0.0085],
    ['sentiment', 'dawid-skene', 0.96, 0.0006],
    ['sentiment', 'ibcc', 0.96, 0.0006],
    ['sentiment', 'glad', 0.948, 0.0006],
    ['sentiment', 'mace', 0.957, 0.0015],
    ['rte', 'dawid-skene', 0.928, 0.0006],
    ['rte', 'ibcc', 0.9275, 0.0006],
    ['rte', 'glad', 0.925, 0.0006],
    ['rte', 'mace', 0.926, 0.0015],
    ['sp_amt', 'ibcc', 0.944, 0.0006],
    ['web', 'ibcc', 0.7508, 0.0006],
    ['cf', 'ibcc', 0.8833, 0.0006],
    ['bird', 'ibcc', 0.8889, 0.0006],
    ['bird', 'dawid-skene', 0.898, 0.0006],
    ['adult', 'ibcc', 0.7447, 0.0006],
  ] as const)('%s, %s: %f', (set, method, published, tolerance) => {
    expect(Math.abs(accuracy(set, method) - published)).toBeLessThanOrEqual(tolerance)
  })

  it('Dawid and Skene 1979: class shares and log-likelihood of the anaesthetists', () => {
    const table = tableOf(rowsOf('worked-examples/anesthesia.csv'))
    const { prevalence, logLikelihood } = dawidSkene(table, { prior: 0 })
    const published = [0.4, 0.4216, 0.1118, 0.0667]
    published.forEach((share, k) => {
      expect(prevalence[k]).toBeCloseTo(share, 3)
    })
    expect(logLikelihood).toBeCloseTo(-190.731, 2)
  })

  it('a fault known elsewhere: one-coin with learned class shares collapses into one class of the birds', () => {
    const { table, classes } = load('bird')
    const even = oneCoin(table)
    let learned = even
    for (let round = 0; round < 40; round++)
      learned = oneCoin(table, { classPrior: learned.prevalence.map((share) => Math.max(share, 1e-12)), prior: [0, 0] })
    expect(Math.max(...learned.prevalence)).toBeGreaterThan(0.95)
    expect(accuracyAgainst(learned.posterior, 2, classes)).toBeLessThan(0.6)
    expect(accuracyAgainst(even.posterior, 2, classes)).toBeGreaterThan(0.7)
  })

  it('a fault known elsewhere: the accuracy of MACE changes with the order of the rows (.695 against .827)', () => {
    const rows = rowsOf('truth-inference/product/label.csv')
    const shuffled = tableOf(shuffle([...rows], createRandom(3)))
    expect(mace(shuffled, { restarts: 2 }).posterior).toEqual(mace(tableOf(rows), { restarts: 2 }).posterior)
  })
})
