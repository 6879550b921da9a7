/**
 * Choosing among n responses to one prompt with any scorer: best-of-n, soft resampling, and the choice of what
 * rejection-sampling fine-tuning learns from. Stiennon et al. 2020, arXiv 2009.01325 (best-of-n and its divergence
 * log n - (n - 1)/n, an upper bound: Beirami et al. 2024, arXiv 2401.01879); Touvron et al. 2023, "Llama 2", section 3.2.3
 * (rejection sampling); soft resampling draws from softmax(r / τ), the optimum of reward less τ KL over the n drawn.
 *
 * Example: scores 1, 3, 2 with τ = 1: best-of-n takes index 1; soft probabilities 0.090031, 0.665241, 0.244728.
 */

/** Index of the highest score, the first of equals; -1 of none. */
export function bestOf(scores: ArrayLike<number>): number {
  let best = -1
  for (let i = 0; i < scores.length; i++) if (best === -1 || scores[i] > scores[best]) best = i
  return best
}

/** Nats that best-of-n may diverge at most from drawing once. */
export const bestOfKl = (n: number): number => Math.log(n) - (n - 1) / n

export function softProbabilities(scores: ArrayLike<number>, temperature: number): Float64Array {
  const weights = Float64Array.from(scores)
  const top = weights.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  let total = 0
  for (let i = 0; i < weights.length; i++) total += weights[i] = Math.exp((weights[i] - top) / temperature)
  return weights.map((weight) => weight / total)
}

/** Draws an index with the soft probabilities; `uniform` is in [0, 1). */
export function softChoice(scores: ArrayLike<number>, temperature: number, uniform: number): number {
  const probabilities = softProbabilities(scores, temperature)
  let left = uniform
  for (let i = 0; i < probabilities.length; i++) if ((left -= probabilities[i]) < 0) return i
  return probabilities.length - 1
}

/** Of each group of `groupSize` consecutive responses the index of the best, as the data of the next supervised step. */
export function rejectionSampled(scores: ArrayLike<number>, groupSize: number): number[] {
  const kept: number[] = []
  for (let start = 0; start < scores.length; start += groupSize)
    kept.push(start + bestOf(Array.from(scores).slice(start, start + groupSize)))
  return kept
}
