import { describe, expect, it } from 'vitest'
import { fitLogistic } from './logistic.ts'
import { createRandom } from './random.ts'

describe('logistic regression', () => {
  const ones = (n: number) => new Float64Array(n).fill(1)

  it('gives the closed form of one column', () => {
    const fit = fitLogistic({ columns: [ones(4)], y: [1, 1, 1, 0] })
    if ('undefined' in fit) throw new Error(fit.undefined)
    expect(fit.coefficients[0]).toBeCloseTo(Math.log(3), 9)
    expect(fit.se[0]).toBeCloseTo(1 / Math.sqrt(0.75), 9)
  })

  it('stands where the gradient is zero, and its sandwich is wider where clusters hang together', () => {
    const random = createRandom(4)
    const n = 600
    const x = Float64Array.from({ length: n }, () => random.normal())
    const cluster = Int32Array.from({ length: n }, (_, i) => i >> 4)
    const lean = Float64Array.from({ length: n >> 4 }, () => 1.5 * random.normal())
    const y = x.map((value, i) => (random.next() < 1 / (1 + Math.exp(-value - (lean[cluster[i]!] ?? 0))) ? 1 : 0))
    const columns = [ones(n), x]
    const plain = fitLogistic({ columns, y })
    const clustered = fitLogistic({ columns, y, cluster })
    if ('undefined' in plain || 'undefined' in clustered) throw new Error('no fit')
    for (const column of columns) {
      let gradient = 0
      for (let i = 0; i < n; i++) {
        const eta = plain.coefficients[0]! + plain.coefficients[1]! * x[i]!
        gradient += (y[i]! - 1 / (1 + Math.exp(-eta))) * column[i]!
      }
      expect(Math.abs(gradient)).toBeLessThan(1e-6)
    }
    expect(clustered.se[0]! / plain.se[0]!).toBeGreaterThan(1.4)
  })

  it('says so where outcomes are separated or columns repeat', () => {
    expect(fitLogistic({ columns: [ones(4), Float64Array.of(1, 2, 3, 4)], y: [0, 0, 1, 1] })).toHaveProperty(
      'undefined',
    )
    expect(fitLogistic({ columns: [ones(4), ones(4)], y: [0, 1, 1, 0] })).toHaveProperty('undefined')
  })
})
