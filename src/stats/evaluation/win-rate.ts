/**
 * Win rate of one model over another, with interval.
 *
 * Score of a comparison: 1 won, 0 lost, 1/2 tied (or ties left out). Interval: Wilson's, its number of trials scaled by how
 * much less a score with ties varies than one without; the variance is taken with one win and one loss more than seen, so
 * that it is not 0 when all are ties or all are won. Comparisons of one prompt by several people are not independent: give
 * their cluster, and the trials shrink by the design effect (Kish 1965) of the cluster means.
 *
 * Worked example: 60 won, 30 lost, 10 tied: 0.65; effective trials 100 * 0.2284 / 0.2038 = 112; 0.558 to 0.732.
 */
import { wilson } from '../share.ts'

export interface WinRate {
  estimate: number
  se: number
  low: number
  high: number
  /** Comparisons that count. */
  n: number
  wins: number
  losses: number
  ties: number
}

export interface WinRateOptions {
  /** A tie counts half a win, or not at all. */
  ties?: 'half' | 'drop'
  confidence?: number
}

export function winRate(
  counts: { wins: number; losses: number; ties?: number },
  options: WinRateOptions = {},
): WinRate | { undefined: string } {
  return rateOf(counts.wins, counts.losses, counts.ties ?? 0, 1, options)
}

/**
 * Win rate of scores 1, 0.5, 0 whose comparisons come in clusters (prompts).
 * @param cluster number of each comparison's cluster
 */
export function clusteredWinRate(
  score: ArrayLike<number>,
  cluster: Int32Array,
  options: WinRateOptions = {},
): WinRate | { undefined: string } {
  let wins = 0
  let losses = 0
  let ties = 0
  const sum = new Map<number, { score: number; n: number }>()
  for (let i = 0; i < score.length; i++) {
    if (score[i] === 1) wins++
    else if (score[i] === 0) losses++
    else ties++
    if (score[i] !== 0 && score[i] !== 1 && options.ties === 'drop') continue
    const group = sum.get(cluster[i]!) ?? { score: 0, n: 0 }
    group.score += score[i]!
    group.n++
    sum.set(cluster[i]!, group)
  }
  const kept = options.ties === 'drop' ? 0 : ties
  const n = wins + losses + kept
  const mean = (wins + kept / 2) / n
  const single = (wins + kept / 4) / n - mean * mean
  let between = 0
  for (const group of sum.values()) between += (group.score - group.n * mean) ** 2
  const clusters = sum.size
  if (n > 0 && clusters < 2) return { undefined: 'every comparison belongs to one prompt; an interval needs several' }
  const effect = single > 0 ? (between / (n * single)) * (clusters / (clusters - 1)) : n / clusters
  return rateOf(wins, losses, ties, Math.max(1, effect), options)
}

function rateOf(
  wins: number,
  losses: number,
  ties: number,
  designEffect: number,
  { ties: rule = 'half', confidence = 0.95 }: WinRateOptions,
): WinRate | { undefined: string } {
  const kept = rule === 'half' ? ties : 0
  const n = wins + losses + kept
  if (n === 0) return { undefined: ties > 0 ? 'every comparison is a tie' : 'there is no comparison' }
  const estimate = (wins + kept / 2) / n
  const padded = n + 2
  const mean = (wins + 1 + kept / 2) / padded
  const variance = (wins + 1 + kept / 4) / padded - mean * mean
  const trials = (n * mean * (1 - mean)) / variance / designEffect
  const [low, high] = wilson(estimate, trials, confidence)
  const se = Math.sqrt((((wins + kept / 4) / n - estimate * estimate) / n) * designEffect)
  return { estimate, se, low, high, n, wins, losses, ties }
}
