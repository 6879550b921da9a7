import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { type Span, type SpanAgreement, spanAgreement } from './spans.ts'
import { type UnitizingAlpha, unitizingAlpha } from './unitizing-alpha.ts'

const span = (annotator: number, start: number, end: number, label = 'x'): Span => ({
  item: 0,
  annotator,
  start,
  end,
  label,
})

describe('span agreement', () => {
  it('gives the worked example', () => {
    const spans = [span(0, 0, 4), span(0, 10, 14), span(1, 0, 4), span(1, 11, 15)]
    expect(spanAgreement(spans, [[0, 1]], { seed: 1 })).toEqual({
      exact: { estimate: 0.5 },
      overlap: { estimate: 1 },
      characters: { estimate: 0.875 },
      pairs: 1,
      items: 1,
    })
  })

  it('matches each span once, as many as can be, and never across labels', () => {
    const crossed = [span(0, 0, 10), span(0, 8, 12), span(1, 9, 20), span(1, 0, 3)]
    expect((spanAgreement(crossed, [[0, 1]], { seed: 1 }) as SpanAgreement).overlap.estimate).toBe(1)
    const other = spanAgreement([span(0, 0, 4, 'x'), span(1, 0, 4, 'y')], [[0, 1]], { seed: 1 }) as SpanAgreement
    expect([other.exact.estimate, other.overlap.estimate, other.characters.estimate]).toEqual([0, 0, 0])
    expect((spanAgreement([span(0, 0, 4)], [[0, 1]], { seed: 1 }) as SpanAgreement).overlap.estimate).toBe(0)
    expect(spanAgreement([span(0, 0, 4)], [[0], []], { seed: 1 })).toHaveProperty('undefined')
  })

  it('does not change with the order of spans or annotators', () => {
    const spans = fc.array(fc.tuple(fc.nat(2), fc.nat(30), fc.integer({ min: 1, max: 8 }), fc.constantFrom('x', 'y')), {
      maxLength: 14,
    })
    fc.assert(
      fc.property(spans, (list) => {
        const made = list.map(([who, start, length, label]) => span(who, start, start + length, label))
        const turned = [...made].reverse().map((own) => ({ ...own, annotator: 2 - own.annotator }))
        expect(spanAgreement(turned, [[0, 1, 2]], { seed: 1 })).toEqual(spanAgreement(made, [[0, 1, 2]], { seed: 1 }))
      }),
    )
  })
})

describe('intervals of span agreement', () => {
  it('hold the value of a large population about 95 times in 100', () => {
    const random = createRandom(5)
    const draw = (items: number, seed: number) => {
      const spans: Span[] = []
      for (let item = 0; item < items; item++)
        for (let n = random.integer(3); n >= 0; n--) {
          const start = 20 * n + random.integer(5)
          for (const annotator of [0, 1])
            if (random.next() < 0.8)
              spans.push({ item, annotator, start: start + (random.next() < 0.3 ? 1 : 0), end: start + 8, label: 'x' })
        }
      return spanAgreement(
        spans,
        Array.from({ length: items }, () => [0, 1]),
        { seed, resamples: 300 },
      ) as SpanAgreement
    }
    const truth = draw(20_000, 0).exact.estimate
    let inside = 0
    for (let run = 0; run < 200; run++) {
      const { low, high } = draw(60, run).exact
      if (low! <= truth && truth <= high!) inside++
    }
    expect(inside / 200).toBeGreaterThan(0.9)
  })
})

describe('unitising alpha', () => {
  // Krippendorff 1995, p. 57: four pairs of annotators on 24 characters; [start, length].
  const published: Record<string, [number, number][][]> = {
    A: [
      [
        [2, 8],
        [14, 6],
      ],
      [
        [4, 4],
        [15, 2],
      ],
    ],
    B: [
      [[0, 18]],
      [
        [0, 2],
        [2, 1],
        [3, 1],
        [4, 1],
        [5, 1],
        [6, 3],
        [9, 1],
      ],
    ],
    C: [
      [
        [2, 6],
        [10, 2],
        [14, 4],
        [20, 2],
      ],
      [
        [0, 2],
        [4, 4],
        [10, 4],
        [16, 2],
        [20, 2],
      ],
    ],
    D: [
      [
        [0, 2],
        [2, 8],
        [10, 4],
        [14, 6],
        [20, 4],
      ],
      [
        [0, 4],
        [4, 4],
        [8, 7],
        [15, 2],
        [17, 7],
      ],
    ],
  }
  const spansOf = (name: string, stretch: number) =>
    published[name]!.flatMap((own, annotator) =>
      own.map(([start, length]) => ({ annotator, start: start * stretch, end: (start + length) * stretch })),
    )

  it.each([
    ['A', 0.03125, 0.0699, 0.553],
    ['B', 2.26736, 1.17731, -0.926],
    ['C', 0.02777, 0.08642, 0.679],
    ['D', 0.38715, 0.41445, 0.066],
  ])('gives the published figures of pair %s', (name, observed, expected, alpha) => {
    const got = unitizingAlpha(spansOf(name, 50_000), 2, 24 * 50_000) as UnitizingAlpha
    expect(Math.abs(got.observed - observed)).toBeLessThan(1e-5)
    // The paper's expected figures carry a small slip, corrected in the book of 2004, which is what is implemented.
    expect(Math.abs(got.expected - expected)).toBeLessThan(5e-3)
    expect(Math.abs(got.alpha - alpha)).toBeLessThan(0.02)
  })

  it('gives the published figures of pair C on 12 characters to the digit', () => {
    const got = unitizingAlpha(spansOf('C', 0.5), 2, 12) as UnitizingAlpha
    expect(got.observed).toBeCloseTo(0.02777, 4)
    expect(got.expected).toBeCloseTo(0.05494, 5)
    expect(got.alpha).toBeCloseTo(0.494, 3)
  })

  it('is 1 for the same units, lower the further they move, and says what is missing', () => {
    const moved = [0, 1, 2, 3].map((by) =>
      unitizingAlpha(
        [
          { annotator: 0, start: 10, end: 20 },
          { annotator: 1, start: 10 + by, end: 20 + by },
        ],
        2,
        100,
      ),
    ) as UnitizingAlpha[]
    expect(moved[0]!.alpha).toBe(1)
    for (let i = 1; i < moved.length; i++) expect(moved[i]!.alpha).toBeLessThan(moved[i - 1]!.alpha)
    expect(unitizingAlpha([], 2, 10)).toHaveProperty('undefined')
    expect(
      unitizingAlpha(
        [
          { annotator: 0, start: 0, end: 5 },
          { annotator: 0, start: 3, end: 8 },
        ],
        2,
        10,
      ),
    ).toHaveProperty('undefined')
  })
})
