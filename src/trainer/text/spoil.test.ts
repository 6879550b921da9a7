import { describe, expect, it } from 'vitest'
import { randomOf } from '../random.ts'
import { spoiled, spoiledRows } from './spoil.ts'

const answer = 'We can cancel it as it has not left yet'

it('shuffles, gets stuck or breaks off, and leaves what has too few words', () => {
  const random = randomOf(1)
  const made = Array.from({ length: 90 }, () => spoiled(answer, random)!)
  const sorted = (text: string) => text.split(' ').sort().join(' ')
  const shuffled = made.filter((text) => sorted(text) === sorted(answer))
  const others = made.filter((text) => !shuffled.includes(text))
  const stuckOn = (phrase: string) => `We can cancel it as ${`${phrase} `.repeat(10)}`.split(' ').slice(0, 15).join(' ')
  expect(shuffled.length).toBeGreaterThan(9)
  expect(new Set(others)).toEqual(new Set(['We can cancel', stuckOn('it'), stuckOn('it has'), stuckOn('it has not')]))
  expect(spoiled('It is four', random)).toBeUndefined()
  expect(spoiled('so so so so', randomOf(3))).not.toBe('so so so so')
})

it('keeps the blanks of the answer, so that it is not told apart by them', () => {
  const random = randomOf(4)
  const list = 'First this:\n\n- a pen\n- a ruler\n\nThen go on.'
  const made = Array.from({ length: 30 }, () => spoiled(list, random)!)
  expect(made.every((text) => text.includes('\n') || text.split(' ').length < 4)).toBe(true)
})

describe('spoiledRows', () => {
  const rows = Array.from({ length: 20 }, (_, i) => ({
    prompt: [{ role: 'user' as const, content: `Question ${i}` }],
    chosen: [{ role: 'assistant' as const, content: `${answer} ${i}` }],
    rejected: [{ role: 'assistant' as const, content: `No, I will not do that ${i}` }],
    label: i < 10 ? 0.9 : 0.1,
    margin: 2,
  }))

  it('sets the better of a share of the pairs against itself, as sure as can be', () => {
    const made = spoiledRows(rows, 0.5, randomOf(2))
    expect(made).toHaveLength(10)
    for (const row of made) {
      const own = rows.find(({ prompt }) => prompt === row.prompt)!
      expect(row.chosen).toEqual(own.label > 0.5 ? own.chosen : own.rejected)
      expect(row.rejected).not.toEqual(row.chosen)
      expect(Object.keys(row).sort()).toEqual(['chosen', 'prompt', 'rejected'])
    }
  })

  it('is the same for the same seed, and nothing for a share of none', () => {
    expect(spoiledRows(rows, 0.5, randomOf(2))).toEqual(spoiledRows(rows, 0.5, randomOf(2)))
    expect(spoiledRows(rows, 0, randomOf(2))).toEqual([])
    expect(spoiledRows([{ prompt: 'x', chosen: 'Yes', rejected: 'No' }], 1, randomOf(2))).toEqual([])
  })
})
