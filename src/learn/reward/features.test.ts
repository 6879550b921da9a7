import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketsOf, difference, featuresOf, tokensOf, width } from './features.ts'

const wordsOf = (text: string) => tokensOf(text).map(({ from, to }) => text.slice(from, to))

describe('words', () => {
  it.each([
    ["Don't stop, 3 times!", ["Don't", 'stop', ',', '3', 'times', '!']],
    ['snake_case', ['snake', '_', 'case']],
    ['你好 world', ['你', '好', 'world']],
    ['สวัสดี', ['ส', 'วั', 'ส', 'ดี']],
    ['a👍b', ['a', '👍', 'b']],
    ['  \n\t ', []],
    ['', []],
  ])('of %j', (text, words) => expect(wordsOf(text)).toEqual(words))

  it('are the same in any case, composition and apostrophe', () => {
    const same = (a: string, b: string) => expect(featuresOf(a)).toEqual(featuresOf(b))
    same('CAFÉ don’t', "cafe\u0301 don't")
    expect(featuresOf('to be')).not.toEqual(featuresOf('be to'))
  })
})

describe('features', () => {
  it('of the worked example', () => {
    const { at, value } = featuresOf('go on')
    expect(at).toHaveLength(3)
    for (const x of value) expect(x).toBeCloseTo(0.577, 3)
  })

  it('are distinct buckets in order, of length one, for any text', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string())
    fc.assert(
      fc.property(text, (some) => {
        const { at, value } = featuresOf(some)
        for (let i = 1; i < at.length; i++) expect(at[i]!).toBeGreaterThan(at[i - 1]!)
        for (const j of at) expect(j).toBeLessThan(width)
        if (at.length) expect(value.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 4)
        for (const { from, to } of tokensOf(some)) expect(to).toBeGreaterThan(from)
      }),
    )
  })

  it('say nothing of a repetition', () => {
    expect(bucketsOf(tokensOf('no no no no'))).toEqual(bucketsOf(tokensOf('no no')))
  })

  it('take linear time for a text made to be slow', () => {
    const hostile = [
      'a'.repeat(2e6),
      "a'".repeat(1e6),
      '\u0301\u0316'.repeat(1e6),
      '\ud800'.repeat(2e6),
      '你'.repeat(1e6),
    ]
    for (const text of hostile) {
      const begun = performance.now()
      expect(featuresOf(text).at.length).toBeLessThan(50_000)
      expect(performance.now() - begun).toBeLessThan(3000)
    }
  })
})

it('a difference is what one has and the other has not', () => {
  const texts = fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }))
  fc.assert(
    fc.property(texts, ([a, b]) => {
      const [x, y] = [featuresOf(a), featuresOf(b)]
      const dense = new Map<number, number>()
      for (const [i, j] of x.at.entries()) dense.set(j, x.value[i]!)
      for (const [i, j] of y.at.entries()) dense.set(j, (dense.get(j) ?? 0) - y.value[i]!)
      const { at, value } = difference(x, y)
      expect([...at]).toEqual([...dense.keys()].filter((j) => dense.get(j) !== 0).sort((p, q) => p - q))
      for (const [i, j] of at.entries()) expect(value[i]).toBeCloseTo(dense.get(j)!, 5)
    }),
  )
})
