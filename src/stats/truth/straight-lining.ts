/**
 * Straight-lining: one worker's answers in the order given. Two tests, since neither sees what the other does.
 *
 * Repeats: how often an answer equals the one before, against all orders of the same answers: with n_k answers k of n,
 *   E = sum n_k (n_k - 1) / n,   Var = [S2 (S2 + n (n + 1)) - 2 n S3 - n^3] / (n^2 (n - 1)),   S2 = sum n_k^2, S3 = sum n_k^3
 * (runs of several kinds, Barton and David 1957). Someone who clicks the same in long stretches repeats too often.
 *
 * Habit: how often the favourite answer was given, against how often it is expected on these very items (`expected`, from the
 * other workers or a posterior): sum and variance of independent draws, times the number of classes for having looked for the
 * favourite. Someone who always answers the same has no order to test, but a habit.
 *
 * Worked example, a a a b b b: 4 repeats, E = 2, Var = [18 (18 + 42) - 2*6*54 - 216] / (36*5) = 1.2, z = (4 - .5 - 2) / 1.095
 * = 1.369 with the half step for whole numbers, p = .0855.
 */
import { normalCdf } from '../distributions.ts'

export interface StraightLining {
  answers: number
  repeats: number
  expectedRepeats: number
  /** One-sided: probability of as many repeats by chance. */
  pRepeats: number
  longestRun: number
  /** The answer given most above expectation. */
  favourite: number
  share: number
  expectedShare: number
  pHabit: number
}

/** `answers`: classes in order of time; `expected`: answers x classes, the probability of each answer on each of these items. */
export function straightLining(answers: Int32Array, classes: number, expected: Float64Array): StraightLining {
  const n = answers.length
  const count = new Int32Array(classes)
  let repeats = 0
  let run = 0
  let longestRun = 0
  answers.forEach((k, a) => {
    count[k]!++
    run = a > 0 && answers[a - 1] === k ? run + 1 : 1
    if (run > 1) repeats++
    longestRun = Math.max(longestRun, run)
  })
  let s2 = 0
  let s3 = 0
  for (const c of count) {
    s2 += c * c
    s3 += c * c * c
  }
  const expectedRepeats = n > 0 ? (s2 - n) / n : 0
  const variance = n > 1 ? (s2 * (s2 + n * (n + 1)) - 2 * n * s3 - n ** 3) / (n * n * (n - 1)) : 0
  const pRepeats = variance > 1e-12 ? upper(repeats, expectedRepeats, variance) : 1
  let favourite = 0
  let pHabit = 1
  let expectedShare = 0
  for (let k = 0; k < classes; k++) {
    let mean = 0
    let spread = 0
    for (let a = 0; a < n; a++) {
      const q = expected[a * classes + k]!
      mean += q
      spread += q * (1 - q)
    }
    const p = spread > 1e-12 ? Math.min(1, classes * upper(count[k]!, mean, spread)) : 1
    if (k > 0 && p >= pHabit) continue
    favourite = k
    pHabit = p
    expectedShare = n > 0 ? mean / n : 0
  }
  const share = n > 0 ? count[favourite]! / n : 0
  return { answers: n, repeats, expectedRepeats, pRepeats, longestRun, favourite, share, expectedShare, pHabit }
}

const upper = (seen: number, mean: number, variance: number) => normalCdf((mean - seen + 0.5) / Math.sqrt(variance))
