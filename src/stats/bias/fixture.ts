/**
 * Simulated projects by which the tests state how often each test of bias raises a false alarm, and its power. Each function plays
 * one project with an effect of the given size (0: none) and returns the p values that the test gave; the first is the one of the
 * worker, group or pool that has the effect.
 */

import type { Random } from '../random.ts'
import { finish } from '../resampling.ts'
import { sigmoid } from '../sigmoid.ts'
import { changePoint } from './change-point.ts'
import { featureBias } from './features.ts'
import { groupCohesion } from './groups.ts'
import { mantelHaenszel } from './mantel-haenszel.ts'
import { raterSeverity } from './severity.ts'
import { sideBias } from './sides.ts'
import { speedQuality } from './speed.ts'

export interface Simulation {
  name: string
  /** What an effect of this size means. */
  effect: number
  means: string
  /** Discrete and exact: may stay below its level. */
  exact: boolean
  run(random: Random, effect: number): number[]
}

const each = (n: number, of: (i: number) => number) => Int32Array.from({ length: n }, (_, i) => of(i))
const pOf = (result: object): number[] => ('p' in result && typeof result.p === 'number' ? [result.p] : [])

export const simulations: Simulation[] = [
  {
    name: 'sides, worker',
    effect: 0.2,
    means: 'left in 70 of 100 votes',
    exact: true,
    run(random, effect) {
      const worker = each(1000, (i) => i % 10)
      const side = worker.map((w) => (random.next() < 0.5 + (w === 0 ? effect : 0) ? -1 : 1))
      return sideBias({ worker, side, workers: 10 }).workers.flatMap(pOf)
    },
  },
  {
    name: 'feature, pool',
    effect: 0.3,
    means: '0.3 more log odds a unit, 12 workers of 50 votes',
    exact: false,
    run: (random, effect) => pOf(featureVotes(random, 12, 50, () => effect)),
  },
  {
    name: 'feature, worker',
    effect: 1,
    means: '1 more log odds a unit than the others, 50 votes',
    exact: false,
    run(random, effect) {
      const found = featureVotes(random, 12, 50, (w) => 0.3 + (w === 0 ? effect : 0))
      return 'workers' in found ? found.workers.flatMap(pOf) : []
    },
  },
  {
    name: 'severity',
    effect: 0.4,
    means: '0.4 points higher on 40 items of a five-point scale',
    exact: false,
    run(random, effect) {
      const item = each(240, (i) => Math.floor(i / 3))
      const rater = each(240, (i) => (Math.floor(i / 3) * 3 + (i % 3) + Math.floor(i / 18)) % 6)
      const level = Float64Array.from({ length: 80 }, () => 3 + random.normal())
      const value = Float64Array.from(item, (own, r) =>
        Math.max(1, Math.min(5, Math.round(level[own]! + 0.7 * random.normal() + (rater[r] === 0 ? effect : 0)))),
      )
      const found = raterSeverity({ items: 80, raters: 6, item, rater, value })
      return 'raters' in found ? found.raters.flatMap(pOf) : []
    },
  },
  {
    name: 'speed and quality, worker',
    effect: 0.8,
    means: '0.8 more log odds of a right answer a standard deviation of log time, 100 answers',
    exact: false,
    run: (random, effect) => timed(random, (w) => (w === 0 ? effect : 0)).workers.flatMap(pOf),
  },
  {
    name: 'speed and quality, pool',
    effect: 0.3,
    means: '0.3 more log odds of a right answer a standard deviation of log time, 5 workers of 100 answers',
    exact: false,
    run: (random, effect) => pOf(timed(random, () => effect).pool),
  },
  {
    name: 'groups',
    effect: 0.25,
    means: 'a quarter of the ratings of one group of 8 raters follow a label of its own',
    exact: false,
    run(random, effect) {
      const [items, raters] = [60, 24]
      const group = each(raters, (g) => g % 3)
      const lean = Float64Array.from({ length: raters }, () => 0.5 + 0.4 * random.next())
      const truth = each(items, () => random.integer(3))
      const ownView = each(items, () => random.integer(3))
      const [item, rater, category] = [[], [], []] as [number[], number[], number[]]
      for (let i = 0; i < items; i++)
        for (let g = 0; g < raters; g++) {
          if (random.next() < 0.5) continue
          item.push(i)
          rater.push(g)
          const view = group[g] === 0 && random.next() < effect ? ownView[i]! : truth[i]!
          category.push(random.next() < lean[g]! ? view : random.integer(3))
        }
      const ratings = { items, raters, categories: 3, item: Int32Array.from(item), rater: Int32Array.from(rater) }
      const found = finish(
        groupCohesion(
          { ...ratings, category: Int32Array.from(category), group, groups: 3 },
          { seed: random.integer(2 ** 31), permutations: 99 },
        ),
      )
      return found.flatMap((own) => ('crossGroup' in own ? [own.crossGroup.p, own.inGroup.p] : []))
    },
  },
  {
    name: 'Mantel-Haenszel',
    effect: 0.8,
    means: '0.8 log odds between groups in 10 strata of 30 answers',
    exact: false,
    run(random, effect) {
      const stratum = each(300, (i) => i % 10)
      const focal = stratum.map(() => random.integer(2))
      const level = Float64Array.from({ length: 10 }, () => random.normal())
      const yes = stratum.map((s, i) => (random.next() < sigmoid(level[s]! + effect * focal[i]!) ? 1 : 0))
      return pOf(mantelHaenszel(focal, yes, stratum))
    },
  },
  {
    name: 'change point',
    effect: 0.25,
    means: 'from 90% to 65% in the middle of 120 answers',
    exact: true,
    run(random, effect) {
      const right = each(120, (i) => (random.next() < (i < 60 ? 0.9 : 0.9 - effect) ? 1 : 0))
      return pOf(changePoint(right, { seed: random.integer(2 ** 31), permutations: 99 }))
    },
  },
]

function featureVotes(random: Random, workers: number, votes: number, slopeOf: (worker: number) => number) {
  const worker = each(workers * votes, (i) => i % workers)
  const difference = Float64Array.from(worker, () => random.normal())
  const choseLeft = worker.map((w, i) => (random.next() < sigmoid(slopeOf(w) * difference[i]!) ? 1 : 0))
  return featureBias({ worker, workers, difference, choseLeft })
}

function timed(random: Random, slopeOf: (worker: number) => number) {
  const worker = each(500, (i) => i % 5)
  const pace = Float64Array.from({ length: 5 }, () => random.normal())
  const late = Float64Array.from(worker, () => random.normal())
  const seconds = late.map((own, i) => Math.exp(3 + pace[worker[i]!]! + 0.6 * own))
  const right = worker.map((w, i) => (random.next() < sigmoid(1.4 + slopeOf(w) * late[i]!) ? 1 : 0))
  return speedQuality({ worker, workers: 5, seconds, right })
}

/** Share of false alarms at p < 0.05 over all tests of all runs, and the power of the one with the effect. */
export function alarmRates({ run, effect }: Simulation, random: Random, runs: { null: number; effect: number }) {
  let [alarms, tests, found] = [0, 0, 0]
  for (let i = 0; i < runs.null; i++)
    for (const p of run(random, 0)) {
      tests++
      if (p < 0.05) alarms++
    }
  for (let i = 0; i < runs.effect; i++) if ((run(random, effect)[0] ?? 1) < 0.05) found++
  return { falseAlarms: alarms / tests, power: found / runs.effect, tests }
}
