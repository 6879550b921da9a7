import { describe, expect, it } from 'vitest'
import { bytes, count, decimal, duration, estimate, percent, plural } from './numbers.ts'
import { relative } from './time.tsx'

describe('numbers', () => {
  it('says an estimate with its interval and n', () => {
    expect(estimate({ value: 0.6312, low: 0.58, high: 0.68, n: 212 })).toBe('0.63 [0.58, 0.68], n = 212')
    expect(estimate({ value: 0.6312, low: 0.58, high: 0.68, n: 1212 }, { as: 'percent' })).toBe(
      '63% [58, 68], n = 1,212',
    )
    expect(estimate({ value: 1 })).toBe('1.00')
  })
  it('never shows NaN, infinity or minus zero', () => {
    expect([count(Number.NaN), decimal(Number.POSITIVE_INFINITY), percent(undefined), duration(null)]).toEqual(
      Array(4).fill('–'),
    )
    expect(decimal(-0.001)).toBe('0.00')
    expect(decimal(-0.01)).toBe('-0.01')
  })
  it('says durations in two units at most', () => {
    expect([0, 999, 4210, 9000, 59_400, 200_000, 7_500_000, 3_600_000, 273_600_000].map(duration)).toEqual([
      '0 ms',
      '999 ms',
      '4.2 s',
      '9 s',
      '59 s',
      '3 min 20 s',
      '2 h 5 min',
      '1 h',
      '3 d 4 h',
    ])
  })
  it('never says 60 seconds or 60 minutes', () => {
    expect([59_600, 3_599_800, 86_399_000].map(duration)).toEqual(['1 min', '1 h', '1 d'])
  })
  it('counts bytes in powers of 1000 and nouns in their number', () => {
    expect([999, 1500, 93_400_000, 999_600].map(bytes)).toEqual(['999 B', '1.5 kB', '93 MB', '1.0 MB'])
    expect([plural(1, 'task'), plural(0, 'task'), plural(2, 'reply', 'replies')]).toEqual([
      '1 task',
      '0 tasks',
      '2 replies',
    ])
  })
})

describe('points in time', () => {
  const now = new Date('2026-11-24T12:00:00Z')
  const ago = (seconds: number) => relative(new Date(now.getTime() - seconds * 1000), now)
  it('speaks of them as people do', () => {
    expect([3, 180, 7200, 86_400 * 3, -600].map(ago)).toEqual([
      'just now',
      '3 min. ago',
      '2 hr. ago',
      '3 days ago',
      'in 10 min.',
    ])
    expect(ago(86_400 * 30)).toBe('25 Oct 2026')
  })
  it('goes over to the next unit in time', () => {
    expect([3595, 86_390].map(ago)).toEqual(['1 hr. ago', 'yesterday'])
  })
  it('has a dash for no date', () => {
    expect(relative(new Date(Number.NaN), now)).toBe('–')
  })
})
