import { describe, expect, it } from 'vitest'
import { junkOf } from './junk.ts'
import {
  humanResult,
  type Judged,
  type JudgedPair,
  klResult,
  lengthResult,
  rewardResult,
  said,
  winnerOf,
} from './rules.ts'

const pair = (prompt: string, more: Partial<JudgedPair> = {}): JudgedPair => ({
  prompt,
  candidate: `${prompt}-c`,
  baseline: `${prompt}-b`,
  candidateLength: 20,
  baselineLength: 10,
  identical: false,
  trainedOn: false,
  candidateScore: null,
  baselineScore: null,
  logRatio: null,
  tokens: null,
  judged: [],
  leftOut: [],
  ...more,
})
/** Below 0 the candidate is better, in whichever order the two are stored. */
const judged = (prompt: string, strength: number | 'both bad', turned = false, person = 'p'): Judged => ({
  person,
  simulated: false,
  kind: 'compare',
  targets: turned ? [`${prompt}-b`, `${prompt}-c`] : [`${prompt}-c`, `${prompt}-b`],
  payload: strength === 'both bad' ? { bothBad: true } : { strength: turned ? -strength : strength },
})

describe('what people say', () => {
  it('is read from the candidate’s side, whichever of the two is stored first', () => {
    expect([-3, -1, 0, 2].map((strength) => said(judged('a', strength), pair('a')))).toEqual([1, 1, 0.5, 0])
    expect([-3, -1, 0, 2].map((strength) => said(judged('a', strength, true), pair('a')))).toEqual([1, 1, 0.5, 0])
    expect(said(judged('a', 'both bad'), pair('a'))).toBe('both-bad')
    expect(said(judged('a', 1), pair('b'))).toBeUndefined()
  })

  it('counts a tie as half, both bad not at all, and identical texts as ties as often as the others were judged', () => {
    const pairs = [
      pair('a', { judged: [judged('a', -1), judged('a', -2, true, 'q')] }),
      pair('b', { judged: [judged('b', 1), judged('b', 0, true, 'q')] }),
      pair('c', { judged: [judged('c', 'both bad'), judged('c', -1, false, 'q')] }),
      pair('d', { identical: true }),
    ]
    const result = humanResult(pairs, 2)
    expect(result).toMatchObject({ wins: 3, losses: 1, ties: 3, tiesByRule: 2, bothBad: 1, judgements: 6, people: 2 })
    expect(result.winRate).toMatchObject({ value: 4.5 / 7, n: 7 })
    expect(pairs.map(winnerOf)).toEqual(['candidate', 'baseline', 'candidate', 'tie'])
  })

  it('weighs identical texts no more than others while judgements are missing', () => {
    const pairs = [
      ...[0, 1, 2, 3, 4, 5].map((i) => pair(`${i}`, { judged: i < 3 ? [judged(`${i}`, -1)] : [] })),
      ...[6, 7].map((i) => pair(`${i}`, { identical: true })),
    ]
    expect(humanResult(pairs, 3)).toMatchObject({ wins: 3, ties: 1, tiesByRule: 1 })
    expect(humanResult(pairs.slice(6), 3)).toMatchObject({ ties: 6, tiesByRule: 6 })
    expect(humanResult(pairs.slice(3), 3)).toMatchObject({ ties: 0, judgements: 0 })
  })

  it('is less certain where several people judge one prompt than where each judges another', () => {
    const width = (pairs: JudgedPair[]) => {
      const { winRate } = humanResult(pairs, 1)
      return 'undefined' in winRate ? Number.NaN : winRate.high - winRate.low
    }
    const outcomes = [-1, -1, -1, 1, -1, 1]
    const together = outcomes.map((strength, i) =>
      pair(`${i}`, { judged: ['p', 'q', 'r'].map((person) => judged(`${i}`, strength, false, person)) }),
    )
    const apart = [0, 1, 2].flatMap((n) =>
      outcomes.map((strength, i) => pair(`${n}-${i}`, { judged: [judged(`${n}-${i}`, strength)] })),
    )
    expect(width(together)).toBeGreaterThan(1.4 * width(apart))
  })

  it('hears nobody whom the plan leaves out, and counts what they said as neither won nor lost', () => {
    const pairs = [
      pair('a', { judged: [judged('a', -1)], leftOut: [judged('a', 1, false, 'q')] }),
      pair('b', { judged: [judged('b', -1)] }),
      pair('c', { leftOut: [judged('c', 1, false, 'q')] }),
      pair('d'),
    ]
    const leftOut = { judgements: 2, people: 1 }
    expect(humanResult(pairs, 1)).toMatchObject({ wins: 2, losses: 0, judgements: 2, people: 1, leftOut })
    expect(humanResult(pairs, 1, 'lost')).toMatchObject({ wins: 2, losses: 1, lost: 1, leftOut })
    expect(pairs.map(winnerOf)).toEqual(['candidate', 'candidate', 'not-judged', 'not-judged'])
  })

  it('has no rate where nobody judged', () => {
    expect(humanResult([pair('a')], 1).winRate).toHaveProperty('undefined')
    expect(winnerOf(pair('a'))).toBe('not-judged')
  })
})

it('keeps what the reward says apart, equal scores as ties', () => {
  const pairs = [
    pair('a', { candidateScore: 2, baselineScore: 1, judged: [judged('a', 3)] }),
    pair('b', { candidateScore: 1, baselineScore: 1 }),
    pair('c', { candidateScore: 0, baselineScore: 1 }),
    pair('d'),
  ]
  expect(rewardResult(pairs)).toMatchObject({ wins: 1, ties: 1, losses: 1, winRate: { value: 0.5, n: 3 } })
})

it('compares lengths prompt by prompt, and leaves out texts that are gone', () => {
  const pairs = [pair('a'), pair('b', { candidateLength: 40, baselineLength: 30 }), pair('c', { baselineLength: null })]
  expect(lengthResult(pairs)).toMatchObject({
    candidate: 30,
    baseline: 20,
    difference: { value: 10, low: 10, high: 10, n: 2 },
    ratio: { value: 1.5, n: 2 },
  })
  expect(lengthResult([])).toMatchObject({ candidate: null, ratio: { undefined: expect.any(String) } })
})

it('divides log ratios by tokens', () => {
  const pairs = [pair('a', { logRatio: 3, tokens: 10 }), pair('b', { logRatio: 1, tokens: 10 }), pair('c')]
  expect(klResult(pairs)).toMatchObject({ value: 0.2, n: 20 })
  expect(klResult([pair('a')])).toBeUndefined()
})

it('makes the same junk of the same answer', () => {
  const junk = junkOf('How late is it?', 'It is half past four in the afternoon.', 3)
  expect(junkOf('How late is it?', 'It is half past four in the afternoon.', 3)).toEqual(junk)
  expect(junk).toMatchObject({ empty: '', copied: 'How late is it?' })
  expect(junk.gibberish).toMatch(/^[a-z]+( [a-z]+){7}$/)
  const phrase = junk.repeated.split(' ').slice(0, 4).join(' ')
  expect('It is half past four in the afternoon.').toContain(phrase)
  expect(junk.repeated).toBe(Array(4).fill(phrase).join(' '))
  expect(junkOf('', '', 1)).toMatchObject({ empty: '', copied: '' })
})
