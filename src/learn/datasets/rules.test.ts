import { describe, expect, it } from 'vitest'
import { tally } from '../../assure/consensus/pairs.ts'
import { filtersOf, preferencesOf } from './rules.ts'

/** Strengths above 0 are for `b`, the second. */
const pair = (...strengths: number[]) =>
  tally(
    strengths.map((strength, i) => ({
      id: `n${i}`,
      person: `p${i}`,
      task: 't',
      kind: 'compare',
      payload: { strength },
      targets: ['a', 'b'],
    })),
  )[0]!
const filters = (given: object = {}) => filtersOf('preference', given)

describe('the rows of a pair', () => {
  it('majority: the side that leads, its mean strength and the share that prefers it', () => {
    expect(preferencesOf(pair(-3, -1, 1), filters())).toEqual([
      { chosen: 'a', rejected: 'b', margin: 1, soft: 2 / 3, annotations: ['n0', 'n1', 'n2'] },
    ])
    expect(preferencesOf(pair(2, 0), filters())).toMatchObject([{ chosen: 'b', rejected: 'a', margin: 1, soft: 0.75 }])
  })

  it('majority: a margin is never below zero, though one strong vote outweighs two weak ones', () => {
    expect(preferencesOf(pair(-1, -1, 3), filters())).toMatchObject([{ chosen: 'a', margin: 0 }])
  })

  it('each: a row a judgement, as that person gave it', () => {
    expect(preferencesOf(pair(-2, 1, 0), filters({ rule: 'each' }))).toEqual([
      { chosen: 'a', rejected: 'b', margin: 2, soft: 1, annotations: ['n0'] },
      { chosen: 'b', rejected: 'a', margin: 1, soft: 1, annotations: ['n1'] },
    ])
    expect(preferencesOf(pair(-2, 0), filters({ rule: 'each', ties: 'half' }))).toMatchObject([
      { soft: 1 },
      { soft: 0.5, margin: 0 },
    ])
  })

  it('a tie is left out, or kept as half', () => {
    for (const strengths of [[0], [-1, 1], [-2, 0, 3]]) {
      expect(preferencesOf(pair(...strengths), filters())).toBe('tie')
      expect(preferencesOf(pair(...strengths), filters({ ties: 'half' }))).toMatchObject([{ margin: 0, soft: 0.5 }])
    }
    expect(preferencesOf(pair(0), filters({ rule: 'each' }))).toBe('tie')
  })

  it('too few votes and too little agreement leave a pair out', () => {
    expect(preferencesOf(pair(-1), filters({ minVotes: 2 }))).toBe('fewVotes')
    expect(preferencesOf(pair(-1, -1, 1), filters({ minAgreement: 0.7 }))).toBe('lowAgreement')
    expect(preferencesOf(pair(-1, -1, -1, 1), filters({ minAgreement: 0.75 }))).toHaveLength(1)
  })
})

describe('filters', () => {
  it('say everything, sources by the kind', () => {
    expect(filters()).toMatchObject({ rule: 'majority', ties: 'leave-out', sources: ['person'], split: { test: 0.1 } })
    expect(filtersOf('demonstration', {}).sources).toEqual(['import', 'person'])
  })

  it.each([
    [{ rule: 'loudest' }, 'filters.rule'],
    [{ minVotes: 0 }, 'filters.minVotes'],
    [{ minAgreement: 2 }, 'filters.minAgreement'],
    [{ people: { include: ['me'] } }, 'filters.people.include.0'],
    [{ from: 'yesterday' }, 'filters.from'],
    [{ from: '2026-03-02T00:00:00Z', to: '2026-03-01T00:00:00Z' }, 'filters.to'],
    [{ split: { test: 1 } }, 'filters.split.test'],
    [{ purposes: ['gold'] }, 'filters'],
  ])('%j is refused by its field', (given, where) => {
    expect(() => filters(given)).toThrow(expect.objectContaining({ code: 'bad_input', where }))
  })
})
