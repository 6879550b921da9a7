import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { clusteredWinRate, type WinRate, winRate } from './win-rate.ts'

describe('win rate', () => {
  it('gives the worked example', () => {
    const { estimate, se, low, high } = winRate({ wins: 60, losses: 30, ties: 10 }) as WinRate
    expect([estimate, se]).toEqual([0.65, expect.closeTo(0.045, 10)])
    expect(low).toBeCloseTo(0.558, 3)
    expect(high).toBeCloseTo(0.732, 3)
  })

  it('turns round when the models change places', () => {
    const count = fc.nat(60)
    fc.assert(
      fc.property(
        count,
        count,
        count,
        fc.constantFrom('half' as const, 'drop' as const),
        (wins, losses, tied, ties) => {
          const one = winRate({ wins, losses, ties: tied }, { ties })
          const other = winRate({ wins: losses, losses: wins, ties: tied }, { ties })
          if ('undefined' in one || 'undefined' in other) {
            expect(one).toEqual(other)
            return
          }
          expect(one.estimate).toBeCloseTo(1 - other.estimate, 12)
          expect(one.low).toBeCloseTo(1 - other.high, 10)
          expect(one.low).toBeLessThanOrEqual(one.estimate)
        },
      ),
    )
  })

  it('keeps an interval where nothing varies, and says when there is nothing', () => {
    const { low, high } = winRate({ wins: 0, losses: 0, ties: 5 }) as WinRate
    expect(low).toBeLessThan(0.4)
    expect(high).toBeGreaterThan(0.6)
    expect(winRate({ wins: 0, losses: 0, ties: 5 }, { ties: 'drop' })).toEqual({
      undefined: 'every comparison is a tie',
    })
    expect(winRate({ wins: 0, losses: 0 })).toEqual({ undefined: 'there is no comparison' })
  })

  it.each([
    [10, 0.5, 0.3],
    [30, 0.7, 0.2],
    [100, 0.05, 0.05],
    [300, 0.4, 0.3],
  ])('holds the truth about 95 times in 100: n = %i, wins %f, ties %f', (n, wins, ties) => {
    const random = createRandom(n)
    let inside = 0
    const runs = 3000
    for (let run = 0; run < runs; run++) {
      const counts = { wins: 0, losses: 0, ties: 0 }
      for (let i = 0; i < n; i++) {
        const u = random.next()
        if (u < wins) counts.wins++
        else if (u < wins + ties) counts.ties++
        else counts.losses++
      }
      const { low, high } = winRate(counts) as WinRate
      if (low <= wins + ties / 2 && wins + ties / 2 <= high) inside++
    }
    expect(inside / runs).toBeGreaterThan(0.935)
  })

  it('widens where judgements of one prompt hang together', () => {
    const random = createRandom(2)
    let inside = 0
    const runs = 1000
    for (let run = 0; run < runs; run++) {
      const score: number[] = []
      const cluster: number[] = []
      for (let prompt = 0; prompt < 40; prompt++) {
        const chance = random.next() < 0.6 ? 0.9 : 0.2
        for (let judge = 0; judge < 4; judge++) {
          score.push(random.next() < chance ? 1 : 0)
          cluster.push(prompt)
        }
      }
      const { low, high } = clusteredWinRate(score, Int32Array.from(cluster)) as WinRate
      if (low <= 0.62 && 0.62 <= high) inside++
    }
    expect(inside / runs).toBeGreaterThan(0.925)
    expect(inside / runs).toBeLessThan(0.975)
  })
})
