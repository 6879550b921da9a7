import { expect, it } from 'vitest'
import { dayTicks } from './day-ticks.ts'

const days = (n: number, from = '2026-03-02') =>
  Array.from({ length: n }, (_, i) => new Date(Date.parse(from) + i * 86_400_000))
const said = (places: (number | Date)[], most = 5) => {
  const { ticks, tickFormat } = dayTicks(places, most)!
  return ticks.map(tickFormat)
}

it('names each of a few days once', () => {
  expect(said(days(3))).toEqual(['Mar 2', 'Mar 3', 'Mar 4'])
  expect(said([...days(2), ...days(2)])).toEqual(['Mar 2', 'Mar 3'])
  expect(said(days(1))).toEqual(['Mar 2'])
})

it('chooses evenly among many, and says the year where there are two', () => {
  expect(said(days(30))).toEqual(['Mar 2', 'Mar 8', 'Mar 14', 'Mar 20', 'Mar 26'])
  expect(said(days(4, '2025-12-30'), 2)).toEqual(['Dec 30, 2025', 'Jan 1, 2026'])
})

it('leaves numbers and times of the day to the axis', () => {
  expect(dayTicks([1, 2, 3], 5)).toBeUndefined()
  expect(dayTicks([new Date('2026-03-02T10:00:00Z')], 5)).toBeUndefined()
  expect(dayTicks([], 5)).toBeUndefined()
})
