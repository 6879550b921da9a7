/**
 * Copying: two workers who agree more often than two such workers would on these items (the idea of Dong, Berti-Equille and
 * Srivastava, "Integrating Conflicting Data: The Role of Source Dependence", VLDB 2009: shared errors tell). Independent given
 * the truth, they agree on item i with probability
 *
 *   p_i = sum_k q_ik sum_l pi_wkl pi_vkl,   q the posterior without these two workers' own labels
 *
 * Their number of agreements is a sum of independent draws with these p_i: exact tail to 400 common items, normal beyond. All
 * pairs with enough common items are tested; `q` is Benjamini and Hochberg's (1995) adjusted p over them.
 *
 * Worked example: two workers right with .8 on two classes, nothing known of the items: p = .8^2 + .2^2 = .68; 30 agreements
 * of 30: .68^30 = 9.4e-6.
 */
import { normalCdf } from '../distributions.ts'
import { benjaminiHochberg } from '../share.ts'
import type { Labels } from './labels.ts'
import type { Truth } from './result.ts'

export interface Copying {
  first: number
  second: number
  common: number
  agreed: number
  expected: number
  p: number
  /** p adjusted for the number of pairs tested. */
  q: number
}

const exactLimit = 400

/** Pairs with at least `minimum` common items, most suspicious first. Needs a method with confusion matrices. */
export function copying(table: Labels, truth: Truth, minimum = 10): Copying[] {
  const { items, workers, classes, start, worker, label } = table
  const confusion = truth.quality.confusion
  if (!confusion) return []
  const logPrior = truth.prevalence.map((share) => Math.log(Math.max(share, 1e-300)))
  const pi = (w: number, k: number, l: number) => confusion[(w * classes + k) * classes + l]!
  const pairs = new Map<number, { agreed: number; chance: number[] }>()
  const all = new Float64Array(classes)
  const rest = new Float64Array(classes)
  for (let i = 0; i < items; i++) {
    all.set(logPrior)
    for (let o = start[i]!; o < start[i + 1]!; o++)
      for (let k = 0; k < classes; k++) all[k]! += Math.log(Math.max(pi(worker[o]!, k, label[o]!), 1e-12))
    for (let o = start[i]!; o < start[i + 1]!; o++) {
      for (let m = o + 1; m < start[i + 1]!; m++) {
        const [w, v] = [worker[o]!, worker[m]!]
        if (w === v) continue
        for (let k = 0; k < classes; k++)
          rest[k] =
            all[k]! - Math.log(Math.max(pi(w, k, label[o]!), 1e-12)) - Math.log(Math.max(pi(v, k, label[m]!), 1e-12))
        const top = rest.reduce((a, b) => Math.max(a, b))
        let total = 0
        let chance = 0
        for (let k = 0; k < classes; k++) {
          const weight = Math.exp(rest[k]! - top)
          total += weight
          for (let l = 0; l < classes; l++) chance += weight * pi(w, k, l) * pi(v, k, l)
        }
        const key = w * workers + v
        const pair = pairs.get(key) ?? { agreed: 0, chance: [] }
        pair.agreed += Number(label[o] === label[m])
        pair.chance.push(chance / total)
        pairs.set(key, pair)
      }
    }
  }
  const tested: Copying[] = []
  for (const [key, { agreed, chance }] of pairs) {
    if (chance.length < minimum) continue
    const expected = chance.reduce((a, b) => a + b, 0)
    const p = upperTail(agreed, chance)
    tested.push({
      first: Math.floor(key / workers),
      second: key % workers,
      common: chance.length,
      agreed,
      expected,
      p,
      q: 1,
    })
  }
  tested.sort((a, b) => a.p - b.p || a.first - b.first || a.second - b.second)
  benjaminiHochberg(tested.map(({ p }) => p)).forEach((q, n) => {
    tested[n]!.q = q
  })
  return tested
}

/** P(X >= seen), X the number of successes of independent trials with these chances. */
export function upperTail(seen: number, chances: readonly number[]): number {
  if (seen <= 0) return 1
  if (chances.length > exactLimit) {
    const mean = chances.reduce((a, b) => a + b, 0)
    const variance = chances.reduce((sum, p) => sum + p * (1 - p), 0)
    return variance > 0 ? normalCdf((mean - seen + 0.5) / Math.sqrt(variance)) : 1
  }
  const mass = new Float64Array(chances.length + 1)
  mass[0] = 1
  chances.forEach((p, n) => {
    for (let k = n + 1; k > 0; k--) mass[k] = mass[k]! * (1 - p) + mass[k - 1]! * p
    mass[0]! *= 1 - p
  })
  let tail = 0
  for (let k = mass.length - 1; k >= seen; k--) tail += mass[k]!
  return Math.min(tail, 1)
}
