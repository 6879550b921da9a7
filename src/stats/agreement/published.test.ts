import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { agreement, type CoefficientName } from './agreement.ts'
import type { MetricName, WeightName } from './distances.ts'
import type { Estimate } from './estimate.ts'
import { type Ratings, ratingsFromGrid, ratingsFromLong, ratingsFromTable } from './ratings.ts'

const shared = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const absent = !existsSync(shared)
const lines = (path: string) =>
  readFileSync(shared + path, 'utf8')
    .trimEnd()
    .split(/\r?\n/)
const grid = (path: string) => lines(path).map((line) => line.split(','))

function load(set: string): Ratings {
  const rows = grid(`agreement/${set}.csv`)
  if (set === 'krippendorff_wikipedia') return ratingsFromGrid(rows[0]!.map((_, i) => rows.map((row) => row[i]!)))
  if (!set.startsWith('table_')) return ratingsFromGrid(rows.slice(1))
  return ratingsFromTable(
    rows.slice(1).map((row) => row.slice(1).map(Number)),
    rows[0]!.slice(1),
  )
}

const coefficientOf: Record<string, CoefficientName> = { bp: 'brennan-prediger', pa2: 'percent' }

describe.skipIf(absent)('published figures (skipped where ../shared/data is absent)', () => {
  it('gives the 137 coefficients of irrCAC and fast-krippendorff to six decimals, standard errors and intervals too', () => {
    const expected: Record<
      string,
      number | { coefficient_value: number; se: number; confidence_interval: [number, number] }
    > = JSON.parse(readFileSync(`${shared}agreement/expected.json`, 'utf8'))
    expect(Object.keys(expected)).toHaveLength(137)
    for (const [key, want] of Object.entries(expected)) {
      const [set, scale, name] = key.split('|') as [string, string, string | undefined]
      const ratings = load(set)
      if (typeof want === 'number') {
        const { krippendorff } = agreement(ratings, ['krippendorff'], { metric: scale as MetricName })
        expect((krippendorff as Estimate).estimate, key).toBeCloseTo(want, 10)
        continue
      }
      const coefficient = coefficientOf[name!] ?? (name as CoefficientName)
      const divisor = set.startsWith('table_') ? 'items' : 'items - 1'
      const got = agreement(ratings, [coefficient], { weights: scale as WeightName, divisor })[coefficient] as Estimate
      expect(Math.abs(got.estimate - want.coefficient_value), key).toBeLessThan(1e-6)
      expect(Math.abs(got.se - want.se), key).toBeLessThan(1e-6)
      expect(Math.abs(got.low - want.confidence_interval[0]), key).toBeLessThan(1e-5)
      expect(Math.abs(got.high - Math.min(1, want.confidence_interval[1])), key).toBeLessThan(1e-5)
    }
  })

  it('gives the kappas of the three annotators of PandaLM', () => {
    const rows: Record<string, number>[] = JSON.parse(readFileSync(`${shared}pandalm/testset-v1.json`, 'utf8'))
    const pair = (a: number, b: number) => {
      const ratings = ratingsFromGrid(rows.map((row) => [`${row[`annotator${a}`]}`, `${row[`annotator${b}`]}`]))
      return (agreement(ratings, ['cohen']).cohen as Estimate).estimate
    }
    expect(pair(1, 2)).toBeCloseTo(0.852, 3)
    expect(pair(1, 3)).toBeCloseTo(0.879, 3)
    expect(pair(2, 3)).toBeCloseTo(0.862, 3)
    const all = ratingsFromGrid(rows.map((row) => [1, 2, 3].map((a) => `${row[`annotator${a}`]}`)))
    expect((agreement(all, ['fleiss']).fleiss as Estimate).estimate).toBeCloseTo(0.864, 3)
  })

  it('gives the alpha of DICES-350: 123 raters on 350 conversations', () => {
    const { instances } = JSON.parse(readFileSync(`${shared}dices/dices_350_crowdsourced.json`, 'utf8'))
    const grid = instances.map(
      (own: { annotations: { safety: { individual_human_scores: string[] } } }) =>
        own.annotations.safety.individual_human_scores,
    ) as string[][]
    expect(grid.flat()).toHaveLength(43_050)
    const { krippendorff } = agreement(ratingsFromGrid(grid), ['krippendorff'], { metric: 'nominal' })
    expect((krippendorff as Estimate).estimate).toBeCloseTo(0.161, 3)
  })
})

describe('ratings as they come', () => {
  it('takes 1 and 1.0 as one category where every label is a number', () => {
    const { categories } = ratingsFromLong(['i', 'i', 'j'], ['a', 'b', 'a'], ['1', '1.0', '10'])
    expect(categories).toEqual(['1', '10'])
  })
})
