import { describe, expect, it } from 'vitest'
import type { JudgedPair } from '../head-to-head/rules.ts'
import { hybridOf } from './rules.ts'

/** @param human what people said, each 1, 0.5, 0 or both bad; @param reward 1, 0.5 or 0 */
const pair = (
  at: number,
  human: (number | 'bad')[],
  reward: number | null,
  more: Partial<JudgedPair> = {},
): JudgedPair => ({
  prompt: `${at}`,
  candidate: `${at}-c`,
  baseline: `${at}-b`,
  candidateLength: 10,
  baselineLength: 20,
  identical: false,
  trainedOn: false,
  candidateScore: reward,
  baselineScore: reward === null ? null : 0.5,
  logRatio: null,
  tokens: null,
  judged: human.map((said) => ({
    person: 'p',
    simulated: false,
    kind: 'compare',
    targets: [`${at}-c`, `${at}-b`],
    payload: said === 'bad' ? { bothBad: true } : { strength: 1 - 2 * said },
  })),
  leftOut: [],
  ...more,
})

/** The example of docs/statistics/evaluation-ppi.md: twelve judged by people, twenty-four by the judge alone. */
const human = [1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1]
const judge = [1, 1, 0, 1, 1, 1, 1, 0, 0, 1, 0, 1]
const others = [1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1]
const example = [
  ...human.map((said, i) => pair(i, [said], judge[i]!)),
  ...others.map((verdict, i) => pair(100 + i, [], verdict)),
]
const digits = (value: number) => expect.closeTo(value, 4)

describe('people and a reward together', () => {
  it('come to what the documented example comes to, and say how much the reward counts', () => {
    const { pairs, judged, people, judges } = hybridOf(example, { name: 'rm' })
    expect([pairs, judged]).toEqual([36, 12])
    expect(people).toEqual({ value: digits(0.6429), low: digits(0.3504), high: digits(0.9354), n: 12 })
    expect(judges[0]).toMatchObject({
      judge: 'reward',
      together: { value: digits(0.6885), low: digits(0.4114), high: digits(0.9656), n: 12 },
      weight: expect.closeTo(0.426, 3),
      // People alone err by 0.2925 / 2.201 = 0.1329, both by 0.1244: 12 (0.1329 / 0.1244)^2 = 13.7.
      saved: 1,
      alone: { value: expect.closeTo(26 / 36) },
    })
  })

  it('say how often the reward names the winner of people, and whose wins it misses', () => {
    expect(hybridOf(example, { name: 'rm' }).judges[0]).toMatchObject({
      accuracy: { value: 10 / 12, n: 12 },
      candidateFound: { value: 7 / 8, n: 8 },
      baselineFound: { value: 3 / 4, n: 4 },
    })
  })

  it('are people alone where a judge knows nothing, or where nothing is left for it', () => {
    // The shorter answer is always the candidate's: a rule that never varies tells nothing.
    const [, longer] = hybridOf(example, { name: 'rm' }).judges
    expect(longer).toMatchObject({ judge: 'longer', alone: { value: 0 }, weight: 0, saved: 0 })
    const [reward] = hybridOf(example.slice(0, 12), { name: 'rm' }).judges
    expect(reward).toMatchObject({ together: { value: digits(0.6429) }, weight: 0, saved: 0 })
  })

  it('give each pair one label, both bad as a tie, and leave identical texts and those who are left out alone', () => {
    const two = [
      ...Array.from({ length: 10 }, (_, i) => pair(i, i % 2 ? [1, 0.5] : [0, 'bad'], 1)),
      pair(20, [], 1, { identical: true }),
      pair(21, [], 1, { leftOut: pair(21, [1], 1).judged }),
      pair(22, [], null, { candidate: null }),
    ]
    const found = hybridOf(two, null)
    expect(found).toMatchObject({ pairs: 11, judged: 10, people: { value: 0.5, n: 10 } })
    expect(found.judges.map(({ judge }) => judge)).toEqual(['longer'])
  })

  it('say why there is no estimate', () => {
    expect(hybridOf(example.slice(3), { name: 'rm' })).toMatchObject({
      people: { undefined: '9 pairs judged by people, at least 10 are needed' },
      judges: [{ together: { undefined: /9 pairs/ }, weight: null, saved: null }, {}],
    })
    expect(hybridOf(example, { name: 'rm', noScores: 'it has learned nothing' }).judges[0]).toMatchObject({
      alone: { undefined: 'it has learned nothing' },
      accuracy: { undefined: 'it has learned nothing' },
    })
  })
})
