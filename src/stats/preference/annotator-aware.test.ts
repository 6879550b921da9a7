import { describe, expect, it } from 'vitest'
import { createRandom, shuffle } from '../random.ts'
import { annotatorAware, annotatorObjective } from './annotator-aware.ts'
import { simulate, type Vote, votesOf } from './fixture.ts'

describe('annotator-aware Bradley-Terry', () => {
  it('its gradient agrees with finite differences (that of Crowd-Kit 1.4.1 does not)', () => {
    const { votes } = simulate({
      seed: 7,
      scores: [1, 0, -1],
      n: 60,
      workers: [
        { look: 0.9, left: 0.5 },
        { look: 0.2, left: 0.9 },
      ],
      tie: 0.3,
    })
    const objective = annotatorObjective(votesOf(3, votes, 2), 0.5)
    const random = createRandom(1)
    for (let trial = 0; trial < 5; trial++) {
      const x = Float64Array.from({ length: 7 }, () => random.normal())
      const gradient = new Float64Array(7)
      objective(x, gradient)
      for (let n = 0; n < 7; n++) {
        const h = 1e-6
        const shift = (by: number) => x.map((v, m) => (m === n ? v + by : v))
        const slope = (objective(shift(h), new Float64Array(7)) - objective(shift(-h), new Float64Array(7))) / (2 * h)
        expect(Math.abs(slope - gradient[n]!)).toBeLessThan(1e-5)
      }
    }
  })

  it('finds the careless and the left-biased, accuses no careful one, and flips what was flipped', () => {
    const workers = [...Array(8).fill({ look: 0.97, left: 0.5 }), { look: 0.05, left: 0.95 }, { look: 0.05, left: 0.5 }]
    const { votes, flipped } = simulate({ seed: 12, scores: [1.5, 0.8, 0.2, -0.5, -0.8, -1.2], n: 3000, workers })
    const fit = annotatorAware(votesOf(6, votes, 10))
    expect(fit.converged).toBe(true)
    for (const w of fit.workers.slice(0, 8)) expect(w.high).toBeGreaterThan(0.85)
    for (const w of fit.workers.slice(8)) expect(w.high).toBeLessThan(0.5)
    expect(fit.workers[8]!.leftLow).toBeGreaterThan(0.8)
    expect(fit.workers[9]!.leftLow).toBeLessThan(0.55)
    expect(fit.workers[9]!.leftHigh).toBeGreaterThan(0.45)
    const expected = fit.flip.reduce((a, b) => a + b, 0)
    const real = flipped.filter(Boolean).length
    expect(expected / real).toBeGreaterThan(0.75)
    expect(expected / real).toBeLessThan(1.4)
  })

  it('does not depend on the order of votes or the names of workers', () => {
    const workers = [
      { look: 0.95, left: 0.5 },
      { look: 0.8, left: 0.5 },
      { look: 0.3, left: 0.8 },
    ]
    const { votes } = simulate({ seed: 13, scores: [1, 0, -1], n: 200, workers })
    const moved = shuffle(
      votes.map(([l, r, o, w]): Vote => [l, r, o, (w! + 1) % 3]),
      createRandom(1),
    )
    const a = annotatorAware(votesOf(3, votes, 3))
    const b = annotatorAware(votesOf(3, moved, 3))
    for (let i = 0; i < 3; i++) {
      expect(b.score[i]).toBeCloseTo(a.score[i]!, 5)
      expect(b.workers[(i + 1) % 3]!.reliability).toBeCloseTo(a.workers[i]!.reliability, 5)
    }
  })

  it('asks for workers', () => {
    expect(() => annotatorAware(votesOf(2, [[0, 1, 0]]))).toThrow('who voted')
  })
})
