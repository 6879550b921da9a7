import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSnapshotDue, judgedPairs, newLearner, superfluous, teach } from './rules.ts'

const answer = (payload: object, order: number[] | null = [0, 1]) =>
  judgedPairs({ kind: 'compare', targets: ['a', 'b'], payload, order })

describe('pairs of an answer', () => {
  it.each([
    [-2, 1],
    [1, 0],
    [0, 0.5],
  ])('of strength %d: outcome %d for the first, in stored order', (strength, outcome) => {
    expect(answer({ strength })).toEqual([{ first: 'a', second: 'b', outcome, firstOnLeft: true }])
  })
  it('know the side of the screen, where it is known', () => {
    expect(answer({ strength: 1 }, [1, 0])[0]!.firstOnLeft).toBe(false)
    expect(answer({ strength: 1 }, null)[0]!.firstOnLeft).toBeNull()
  })
  it('leave out aspects, and two that are both bad', () => {
    expect(answer({ strength: 2, aspects: { safety: -1 } })).toHaveLength(1)
    expect(answer({ bothBad: true })).toEqual([])
  })
})

describe('a lesson', () => {
  const lesson = { seq: 1, firstText: 'long answer', secondText: 'short', outcome: 1, firstOnLeft: true }

  it('is predicted by the model and both baselines before it is learned', () => {
    const learner = newLearner()
    expect(teach(learner, lesson)).toMatchObject({ predicted: 0.5, byLength: 1, bySide: 0.5 })
    const again = teach(learner, { ...lesson, seq: 2, outcome: 0 })
    expect(again.predicted).toBeGreaterThan(0.5)
    expect(again.bySide).toBe(1)
    expect(learner).toMatchObject({ seq: 2, lefts: 1, rights: 1 })
  })
  it('counts neither side of a tie, nor of an unknown screen', () => {
    const learner = newLearner()
    teach(learner, { ...lesson, outcome: 0.5 })
    teach(learner, { ...lesson, firstOnLeft: null })
    expect(learner).toMatchObject({ lefts: 0, rights: 0 })
  })
})

describe('snapshots', () => {
  it('grow with the logarithm of what was learned, and the last thousands are always near one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 300 }), (thousands) => {
        let kept: number[] = []
        for (let head = 1000; head <= thousands * 1000; head += 1000) {
          kept.push(head)
          const gone = superfluous(kept, head)
          kept = kept.filter((seq) => !gone.includes(seq))
          for (const age of [0, 1000, 4000])
            if (head > 3 * age + 2000)
              expect(kept.some((seq) => seq <= head - age && seq >= head - 3 * age - 1000)).toBe(true)
        }
        expect(kept.length).toBeLessThanOrEqual(Math.log2(thousands) + 3)
      }),
      { numRuns: 20 },
    )
  })
  it('are few on the long way of a rebuild', () => {
    const made: number[] = []
    for (let seq = 100; seq <= 100_000; seq += 100) if (isSnapshotDue(seq, made.at(-1) ?? 0, 100_000)) made.push(seq)
    expect(made[0]).toBe(50_000)
    expect(made.length).toBeLessThan(10)
    expect(made.at(-1)).toBeGreaterThan(98_000)
  })
})
