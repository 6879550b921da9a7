import { expect, it } from 'vitest'
import { likelihoodBound } from './likelihood-interval.ts'

const hits = (n: number, of: number) => (p: number) => n * Math.log(p) + (of - n) * Math.log(1 - p)

it('gives the worked example, and the end where the likelihood does not fall so far', () => {
  expect(likelihoodBound(hits(60, 100), 0.6, 1e-9)).toBeCloseTo(0.5023481, 7)
  expect(likelihoodBound(hits(60, 100), 0.6, 1 - 1e-9)).toBeCloseTo(0.6925889, 7)
  expect(likelihoodBound(hits(1, 1), 1 - 1e-12, 1 - 1e-12)).toBe(1 - 1e-12)
  expect(likelihoodBound(hits(3, 5), 0.6, 0.5)).toBe(0.5)
})
