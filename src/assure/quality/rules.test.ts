import { expect, it } from 'vitest'
import { createRandom } from '../../stats/random.ts'
import { type Answer, agreementOf, agreementWithOthers, labelsOf, sidesOf } from './rules.ts'

const answer = (person: string, pair: number, strength: number, order = [0, 1]): Answer => ({
  person,
  step: 'compare',
  kind: 'compare',
  targets: [`${pair}a`, `${pair}b`],
  payload: { strength },
  order,
  task: `${pair}`,
  activeMs: 1000,
  at: new Date(0),
})

it('gives alpha 1 to people who always agree and about 0 to those who draw lots', () => {
  const random = createRandom(5)
  const together = Array.from({ length: 60 }, (_, i) =>
    ['x', 'y', 'z'].map((person) => answer(person, i, i % 2 ? 2 : -1)),
  ).flat()
  const lots = Array.from({ length: 400 }, (_, i) =>
    ['x', 'y', 'z'].map((person) => answer(person, i, random.integer(2) * 2 - 1)),
  ).flat()
  expect(agreementOf(labelsOf(together))[0]!.alpha).toMatchObject({ value: 1, n: 60 })
  const drawn = agreementOf(labelsOf(lots))[0]!.alpha as { value: number; low: number; high: number }
  expect(drawn.low).toBeLessThan(0)
  expect(drawn.high).toBeGreaterThan(0)
  expect(Math.abs(drawn.value)).toBeLessThan(0.1)
})

it('says why there is no number where nobody answered the same', () => {
  const apart = [answer('x', 1, 1), answer('y', 2, 1)]
  expect(agreementOf(labelsOf(apart))[0]!.alpha).toHaveProperty('undefined')
  expect(agreementWithOthers(labelsOf(apart)).size).toBe(0)
})

it('finds the one who says something else than the others', () => {
  const rows = labelsOf(
    Array.from({ length: 50 }, (_, i) => [answer('x', i, 1), answer('y', i, 2), answer('odd', i, -2)]).flat(),
  )
  const agreement = agreementWithOthers(rows)
  expect(agreement.get('odd')).toMatchObject({ value: 0, n: 50 })
  expect(agreement.get('x')).toMatchObject({ value: 0.5 })
})

it('finds who chooses the left of the screen, wherever the first response stands, and accuses nobody else', () => {
  const random = createRandom(11)
  const answers = Array.from({ length: 120 }, (_, i) => {
    const order = random.integer(2) ? [0, 1] : [1, 0]
    const left = order[0] === 0 ? -1 : 1
    return [
      answer('left-biased', i, random.next() < 0.85 ? left : -left, order),
      answer('fair', i, random.integer(2) * 2 - 1, order),
    ]
  }).flat()
  const sides = sidesOf(answers).people
  expect(sides.get('left-biased')).toMatchObject({ n: 120 })
  expect((sides.get('left-biased') as { adjusted: number; low: number }).adjusted).toBeLessThan(1e-6)
  expect((sides.get('left-biased') as { low: number }).low).toBeGreaterThan(0.6)
  expect((sides.get('fair') as { adjusted: number }).adjusted).toBeGreaterThan(0.01)
})

it('counts a person once on an item: the newest answer', () => {
  expect(labelsOf([answer('x', 1, 1), answer('x', 1, -1)])).toMatchObject([{ label: 'first' }])
})
