/**
 * Random numbers of the gamma and beta distributions.
 *
 * Gamma of shape k >= 1 (Marsaglia and Tsang 2000, doi 10.1145/358407.358414): d = k - 1/3, c = 1 / sqrt(9 d), v = (1 + c x)^3 with x
 * standard normal; d v is taken where ln u < x^2 / 2 + d - d v + d ln v, else drawn anew. Below 1: gamma(k + 1) u^(1/k).
 * Beta(a, b) = x / (x + y), x of gamma(a) and y of gamma(b).
 *
 * Worked example: k = 1, x = 0: v = 1 and d v = 2/3 is always taken, as ln u < 0.
 */
import type { Random } from './random.ts'

function drawGamma(shape: number, random: Random): number {
  if (shape < 1) return drawGamma(shape + 1, random) * Math.max(random.next(), 1e-300) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(Math.max(random.next(), 1e-300)) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}

/** Where both gammas are too small for a double, all of the distribution lies at 0 and 1. */
export function drawBeta(a: number, b: number, random: Random): number {
  const x = drawGamma(a, random)
  const y = drawGamma(b, random)
  return x + y > 0 ? x / (x + y) : Number(random.next() < a / (a + b))
}
