import { describe, expect, it } from 'vitest'
import { createRandom, shuffle } from './random.ts'

describe('seeded random numbers', () => {
  it('gives the same stream for the same seed and another one for another seed', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, createRandom(seed).next)
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
    expect(draw(2 ** 40)).not.toEqual(draw(0))
    expect(draw(0.5)).not.toEqual(draw(0))
  })

  it('is uniform, and normal where asked, to what 200,000 draws can show', () => {
    const random = createRandom(1)
    const n = 200_000
    const bins = new Float64Array(16)
    let sum = 0
    let squares = 0
    let fourth = 0
    for (let i = 0; i < n; i++) {
      bins[random.integer(16)]! += 1
      const z = random.normal()
      sum += z
      squares += z * z
      fourth += z ** 4
    }
    let chi = 0
    for (const count of bins) chi += (count - n / 16) ** 2 / (n / 16)
    expect(chi).toBeLessThan(37.7)
    expect(Math.abs(sum / n)).toBeLessThan(0.01)
    expect(Math.abs(squares / n - 1)).toBeLessThan(0.02)
    expect(Math.abs(fourth / n - 3)).toBeLessThan(0.1)
  })

  it('shuffles every order equally often', () => {
    const random = createRandom(3)
    const seen = new Map<string, number>()
    for (let i = 0; i < 6000; i++) {
      const order = shuffle([0, 1, 2], random).join('')
      seen.set(order, (seen.get(order) ?? 0) + 1)
    }
    expect(seen.size).toBe(6)
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })
})
