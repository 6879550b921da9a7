/**
 * How many labels, how many items: by simulation from a fitted model, before money is spent.
 *
 * `labelsPerItem`: truths are drawn from the class shares, each with r answers by workers drawn from those fitted; how often
 * the posterior under the fitted confusion matrices names the truth, for r = 1, 2, ... (to learn the matrices costs more: a
 * bound from above for a new pool).
 *
 * `itemsForInterval`: a share (win rate, share of a class) over n items with r votes each. Items differ: the share of item i
 * is Beta(m c, (1 - m) c), so that votes of one item hang together with correlation rho = 1 / (1 + c). Var of the estimate =
 * m (1 - m) (1 + (r - 1) rho) / (n r) (the design effect of Kish 1965); simulation then says how often the interval covers
 * and how often it leaves out 1/2 (power).
 *
 * `leastShareTold`: with n and r given, the smallest share whose interval lies above a threshold t, the root of
 * (m - t)² = k m (1 - m), k = z² (1 + (r - 1) rho) / (n r). Worked example: t = .5, n = 20, r = 1: k = 3.8415 / 20, m = .7007.
 *
 * Worked example: m = .6, rho = .2, r = 3, half-width .05 at 95%: n = .24 * 1.4 / 3 / (.05/1.96)^2 = 172.1, 173 items.
 */
import { normalQuantile } from '../distributions.ts'
import { drawBeta } from '../draws.ts'
import { refuse } from '../errors.ts'
import type { Random } from '../random.ts'
import type { Labels } from '../truth/labels.ts'
import type { Truth } from '../truth/result.ts'
import { updateBelief } from './stopping.ts'

export interface Overlap {
  labels: number
  accuracy: number
  /** Standard error of the simulation. */
  se: number
}

/** Needs a method with confusion matrices. */
export function labelsPerItem(
  truth: Truth,
  classes: number,
  most: number,
  random: Random,
  simulations = 4000,
): Overlap[] {
  const { quality, prevalence } = truth
  const confusion = quality.confusion
  if (!confusion) refuse('Planning needs a method with confusion matrices.', { hint: 'Use ibcc or dawid-skene.' })
  const square = classes * classes
  const active = Array.from(quality.labels.keys()).filter((w) => quality.labels[w]! > 0)
  const shares = Array.from(active, (w) => quality.labels[w]!)
  const right = new Float64Array(most)
  for (let s = 0; s < simulations; s++) {
    const k = draw(prevalence, random)
    let q: Float64Array = prevalence.slice()
    for (let r = 0; r < most; r++) {
      const w = active[draw(shares, random)]!
      const own = confusion.subarray(w * square, (w + 1) * square)
      const label = draw(own.subarray(k * classes, (k + 1) * classes), random)
      q = updateBelief(q, own, label)
      const top = q.reduce((a, b) => Math.max(a, b))
      const tied = q.filter((value) => value >= top - 1e-9).length
      if (q[k]! >= top - 1e-9) right[r]! += 1 / tied
    }
  }
  return Array.from(right, (sum, r) => {
    const accuracy = sum / simulations
    return { labels: r + 1, accuracy, se: Math.sqrt((accuracy * (1 - accuracy)) / simulations) }
  })
}

/** An index drawn in proportion to the weights. */
export function draw(weights: ArrayLike<number>, random: Random): number {
  let total = 0
  for (let n = 0; n < weights.length; n++) total += weights[n]!
  let u = random.next() * total
  for (let n = 0; n < weights.length - 1; n++) if ((u -= weights[n]!) < 0) return n
  return weights.length - 1
}

export interface ShareModel {
  mean: number
  /** Correlation of two votes on one item. */
  rho: number
}

/** Mean and correlation of one class from labels, by moments (analysis of variance; Fleiss, Levin and Paik 2003, 15.2). */
export function fitShare({ items, start, label }: Labels, labelOfInterest: number): ShareModel {
  let n = 0
  let hits = 0
  let within = 0
  let freedom = 0
  let squares = 0
  const shares: [count: number, share: number][] = []
  for (let i = 0; i < items; i++) {
    const count = start[i + 1]! - start[i]!
    if (count === 0) continue
    let own = 0
    for (let o = start[i]!; o < start[i + 1]!; o++) own += Number(label[o] === labelOfInterest)
    n += count
    hits += own
    squares += count * count
    freedom += count - 1
    within += own * (1 - own / count)
    shares.push([count, own / count])
  }
  if (n === 0) refuse('There are no labels to plan from.')
  const mean = hits / n
  if (freedom === 0 || shares.length < 2) refuse('No item has two labels, so that agreement cannot be planned with.')
  const between = shares.reduce((sum, [count, share]) => sum + count * (share - mean) ** 2, 0) / (shares.length - 1)
  const inside = within / freedom
  const size = (n - squares / n) / (shares.length - 1)
  const rho = between + (size - 1) * inside > 0 ? (between - inside) / (between + (size - 1) * inside) : 0
  return { mean, rho: Math.min(Math.max(rho, 0), 0.999) }
}

export interface Size {
  votesPerItem: number
  items: number
  votes: number
  /** Of simulated intervals: mean half-width, share that covers, share that leaves out 1/2. */
  halfWidth: number
  coverage: number
  power: number
}

/** Items for an interval of this half-width, and what a simulation of that design gives. */
export function itemsForInterval(
  { mean, rho }: ShareModel,
  votesPerItem: number,
  halfWidth: number,
  random: Random,
  simulations = 1000,
): Size {
  if (!(halfWidth > 0 && halfWidth < 0.5)) refuse('The half-width must lie between 0 and 0.5.', { where: 'half-width' })
  const z = normalQuantile(0.975)
  const perItem = (mean * (1 - mean) * (1 + (votesPerItem - 1) * rho)) / votesPerItem
  const items = Math.max(2, Math.ceil(perItem / (halfWidth / z) ** 2))
  let width = 0
  let covered = 0
  let apart = 0
  for (let s = 0; s < simulations; s++) {
    let sum = 0
    let squares = 0
    for (let i = 0; i < items; i++) {
      const share = rho > 1e-9 ? drawBeta((mean * (1 - rho)) / rho, ((1 - mean) * (1 - rho)) / rho, random) : mean
      let hits = 0
      for (let v = 0; v < votesPerItem; v++) hits += Number(random.next() < share)
      sum += hits / votesPerItem
      squares += (hits / votesPerItem) ** 2
    }
    const estimate = sum / items
    const half = z * Math.sqrt(Math.max(squares / items - estimate * estimate, 0) / (items - 1))
    width += half
    covered += Number(Math.abs(estimate - mean) <= half)
    apart += Number(Math.abs(estimate - 0.5) > half)
  }
  return {
    votesPerItem,
    items,
    votes: items * votesPerItem,
    halfWidth: width / simulations,
    coverage: covered / simulations,
    power: apart / simulations,
  }
}

/** 1 where there is nothing to tell it from. */
export function leastShareTold(
  threshold: number,
  { items, votesPerItem, rho }: { items: number; votesPerItem: number; rho: number },
): number {
  if (items === 0) return 1
  const k = (normalQuantile(0.975) ** 2 * (1 + (votesPerItem - 1) * rho)) / (items * votesPerItem)
  const half = (2 * threshold + k) / 2
  return (half + Math.sqrt(half * half - (1 + k) * threshold * threshold)) / (1 + k)
}
