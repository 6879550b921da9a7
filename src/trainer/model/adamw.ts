/**
 * AdamW over flat arrays: one pass, independent of the number of threads.
 * Paper: I. Loshchilov and F. Hutter, Decoupled Weight Decay Regularization, ICLR 2019 (algorithm 2, as in PyTorch).
 *
 *   m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
 *   w = w (1 - lr decay) - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)
 *
 * Example: w = 1, g = 0.5, t = 1, lr = 0.1, no decay: m / (1 - b1) = 0.5, sqrt(v / (1 - b2)) = 0.5, so w = 0.9.
 */

export interface Moments {
  weights: Float32Array
  gradient: Float32Array
  firstMoment: Float32Array
  secondMoment: Float32Array
}

/** A stretch of the flat arrays, with or without weight decay. */
export interface Stretch {
  offset: number
  length: number
  decays: boolean
}

export interface AdamWStep {
  learningRate: number
  beta1: number
  beta2: number
  epsilon: number
  weightDecay: number
  /** The gradient is multiplied by this (clipping). */
  gradientScale: number
  /** Number of this update, from 1. */
  update: number
}

export function adamW(moments: Moments, stretches: readonly Stretch[], step: AdamWStep): void {
  const { weights, gradient, firstMoment, secondMoment } = moments
  const fround = Math.fround
  const [beta1, beta2, epsilon] = [fround(step.beta1), fround(step.beta2), fround(step.epsilon)]
  const [rest1, rest2] = [fround(1 - step.beta1), fround(1 - step.beta2)]
  const rate = fround(step.learningRate / (1 - step.beta1 ** step.update))
  const unbias = fround(1 / Math.sqrt(1 - step.beta2 ** step.update))
  const scale = fround(step.gradientScale)
  for (const { offset, length, decays } of stretches) {
    const keep = fround(decays ? 1 - step.learningRate * step.weightDecay : 1)
    for (let i = offset; i < offset + length; i++) {
      const g = fround(gradient[i]! * scale)
      const m = fround(fround(firstMoment[i]! * beta1) + fround(g * rest1))
      const v = fround(fround(secondMoment[i]! * beta2) + fround(fround(g * g) * rest2))
      firstMoment[i] = m
      secondMoment[i] = v
      const root = fround(fround(fround(Math.sqrt(v)) * unbias) + epsilon)
      weights[i] = fround(fround(weights[i]! * keep) - fround(fround(rate * m) / root))
    }
  }
}

/** Global L2 norm, summed in double precision. */
export function normOf(gradient: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0]
  const whole = gradient.length - (gradient.length % 4)
  for (let i = 0; i < whole; i += 4) {
    a += gradient[i]! * gradient[i]!
    b += gradient[i + 1]! * gradient[i + 1]!
    c += gradient[i + 2]! * gradient[i + 2]!
    d += gradient[i + 3]! * gradient[i + 3]!
  }
  for (let i = whole; i < gradient.length; i++) a += gradient[i]! * gradient[i]!
  return Math.sqrt(a + b + c + d)
}
