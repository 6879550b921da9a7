import { expect, it } from 'vitest'
import { createRandom } from '../../stats/random.ts'
import { contestedOf } from './contested.ts'
import { inferTruth } from './reliability.ts'
import type { LabelRow } from './rules.ts'

const row = (item: number, person: string, label: string): LabelRow => ({
  item: `${item}`,
  person,
  step: 'compare',
  attribute: 'preference',
  label,
  mirrored: label === 'first' ? 'second' : label === 'second' ? 'first' : label,
  task: `${item}`,
  at: new Date(0),
})
const contested = (rows: LabelRow[]) => contestedOf(rows, inferTruth(rows))
const share = (rows: LabelRow[], kind: string) => {
  const found = contested(rows)
  return found.filter((one) => one.kind === kind).length / found.length
}

it('calls it values where two camps part on the same questions again and again', () => {
  const rows = Array.from({ length: 120 }, (_, i) => {
    const easy = i % 2 ? 'first' : 'second'
    return ['a', 'b', 'c', 'd'].map((person) => row(i, person, i % 3 ? easy : person < 'c' ? 'first' : 'second'))
  }).flat()
  expect(share(rows, 'values')).toBe(1)
  expect(contested(rows)).toHaveLength(40)
})

it('calls one slip against several an error, and noise never values', () => {
  const random = createRandom(4)
  const slip = (label: string) => (random.next() < 0.07 ? (label === 'first' ? 'second' : 'first') : label)
  const rows = Array.from({ length: 200 }, (_, i) =>
    ['a', 'b', 'c', 'd', 'e'].map((person) => row(i, person, slip(i % 2 ? 'first' : 'second'))),
  ).flat()
  expect(share(rows, 'error')).toBeGreaterThan(0.8)
  expect(share(rows, 'values')).toBe(0)
})

it('calls it ambiguity where good people part without a pattern', () => {
  const random = createRandom(5)
  const rows = Array.from({ length: 200 }, (_, i) =>
    ['a', 'b', 'c', 'd'].map((person) =>
      row(i, person, i % 4 === 0 ? (random.integer(2) ? 'first' : 'second') : i % 2 ? 'first' : 'second'),
    ),
  ).flat()
  // Three against one looks like a slip, and may be one.
  const even = contested(rows).filter(({ votes }) => Object.values(votes).every((n) => n === 2))
  expect(even.length).toBeGreaterThan(10)
  expect(even.map(({ kind }) => kind)).not.toContain('error')
  expect(share(rows, 'values')).toBeLessThan(0.1)
})

it('does not depend on the order of the answers', () => {
  const rows = Array.from({ length: 30 }, (_, i) =>
    ['a', 'b', 'c'].map((person, p) => row(i, person, (i * p) % 4 === 1 ? 'first' : 'second')),
  ).flat()
  expect(contested([...rows].reverse())).toEqual(contested(rows).map((one) => ({ ...one, votes: expect.anything() })))
})

it('says nothing of tasks on which all agree, or which one person answered', () => {
  expect(contested([row(1, 'a', 'first'), row(1, 'b', 'first'), row(2, 'a', 'tie')])).toEqual([])
})
