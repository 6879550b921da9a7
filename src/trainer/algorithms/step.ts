/**
 * What every algorithm answers. All of them share one training graph, whose loss is
 *
 *     L' = -Σ_n c_n log p(token_n)   (and -Σ_b c_b score_b for a scalar head),
 *
 * so that an algorithm is the pure function that computes its loss L and c = -dL/d(log p). The gradient of L' in the
 * weights then equals the gradient of L (Williams 1992 for policy gradients; the chain rule for everything else).
 * Every loss is a mean over units (tokens, sequences or pairs), so that a step accumulated from parts scales the
 * coefficients of each part by its share of the units.
 */

/** Log-probabilities (nats) of the tokens of each completion; `[]` is an empty response. */
export type TokenLogps = readonly ArrayLike<number>[]

/** `coefficients[i]` applies to every token of sequence i. */
export interface SequenceStep {
  loss: number
  coefficients: Float64Array
}

/** `coefficients[i][t]` applies to token t of sequence i. */
export interface TokenStep {
  loss: number
  coefficients: Float64Array[]
}

/** 1 / (1 + e^-x) without overflow. */
export const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))

/** log(1 / (1 + e^-x)) without overflow. */
export const logSigmoid = (x: number): number => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)))

export function sum(values: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]
  return total
}

export const mean = (values: ArrayLike<number>): number => (values.length ? sum(values) / values.length : 0)

/**
 * Of pairs with an order how many are in it: by a positive difference where chosen is probably the better, by a negative one where
 * the label is below 0.5. Equal ones count half; a pair labelled 0.5 has no order. Example: differences 1, 1, 1 labelled 0.9,
 * 0.2, 0.5: one of two.
 */
export function ordered(
  differences: ArrayLike<number>,
  labels: readonly (number | undefined)[] = [],
): { right: number; pairs: number } {
  let [right, pairs] = [0, 0]
  for (let i = 0; i < differences.length; i++) {
    const sign = Math.sign((labels[i] ?? 1) - 0.5)
    if (sign === 0) continue
    right += (1 + Math.sign(differences[i] * sign)) / 2
    pairs++
  }
  return { right, pairs }
}

/** Standard deviation with divisor n - 1; 0 of fewer than two values. */
export function deviation(values: ArrayLike<number>): number {
  if (values.length < 2) return 0
  const centre = mean(values)
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (values[i] - centre) ** 2
  return Math.sqrt(squares / (values.length - 1))
}
