/**
 * Online Gaussian Bradley-Terry: every item's score is N(m, v); a vote moves both by one step of the extended Kalman filter
 * on the logistic likelihood (Glickman, "Parameter estimation in large dynamic paired comparison experiments", Applied
 * Statistics 48, 1999, without the passing of time).
 *
 *   V = v_l + v_r,   p = s((m_l - m_r) / sqrt(1 + pi V / 8)),   h = p (1 - p),   f = 1 + h V
 *   m_l += v_l (y - p) / f,   v_l -= v_l^2 h / f;   the same with the sign turned for the right item
 *
 * Microseconds a vote, with an interval; depends on the order of the votes, so that a batch fit corrects it from time to time.
 * Covariances between items are dropped: intervals of differences are somewhat too wide.
 *
 * Worked example: m = 0, v = 1 for both, left wins: V = 2, p = .5, h = .25, f = 1.5; m = +-1/3, v = 1 - .25/1.5 = 5/6.
 */
import { sigmoid } from '../sigmoid.ts'
import { type Outcome, type Votes, winner } from './votes.ts'

export interface OnlineScores {
  mean: Float64Array
  variance: Float64Array
}

/** Nobody known: mean 0, variance 2.25 (two items differ by 1.5 to 2 in most pools). */
export const newOnlineScores = (items: number, variance = 2.25): OnlineScores => ({
  mean: new Float64Array(items),
  variance: new Float64Array(items).fill(variance),
})

export function onlineUpdate({ mean, variance }: OnlineScores, left: number, right: number, outcome: Outcome): void {
  const y = outcome === winner.tie ? 0.5 : Number(outcome === winner.left)
  const a = variance[left]!
  const b = variance[right]!
  const p = probability(mean[left]! - mean[right]!, a + b)
  const h = p * (1 - p)
  const f = 1 + h * (a + b)
  mean[left]! += (a * (y - p)) / f
  mean[right]! -= (b * (y - p)) / f
  variance[left] = a - (a * a * h) / f
  variance[right] = b - (b * b * h) / f
}

/** Probability that an item is preferred whose score differs by N(difference, variance). */
export const probability = (difference: number, variance: number): number =>
  sigmoid(difference / Math.sqrt(1 + (Math.PI * variance) / 8))

/** All votes in their order. */
export function onlineBradleyTerry(votes: Votes, variance?: number): OnlineScores {
  const scores = newOnlineScores(votes.items, variance)
  for (let n = 0; n < votes.left.length; n++)
    onlineUpdate(scores, votes.left[n]!, votes.right[n]!, votes.outcome[n] as Outcome)
  return scores
}
