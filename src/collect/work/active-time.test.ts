import { describe, expect, it } from 'vitest'
import { ActiveTime, Sitting } from './active-time.ts'

const second = 1000
const minute = 60 * second

describe('active time', () => {
  it('counts while something is done at least every half minute', () => {
    const time = new ActiveTime(0)
    for (let now = 0; now <= 2 * minute; now += 20 * second) time.touch(now)
    expect(time.read(2 * minute)).toBe(2 * minute)
  })

  it('counts half a minute of a longer pause', () => {
    const time = new ActiveTime(0)
    time.touch(10 * minute)
    expect(time.read(10 * minute + 5 * second)).toBe(35 * second)
  })

  it('counts nothing while the page is not seen', () => {
    const time = new ActiveTime(0)
    time.setVisible(10 * second, false)
    time.setVisible(10 * minute, true)
    expect(time.read(10 * minute + second)).toBe(11 * second)
  })

  it('does not run backwards with the clock', () => {
    const time = new ActiveTime(minute)
    expect(time.read(0)).toBe(0)
  })
})

describe('a sitting', () => {
  const working = (sitting: Sitting, from: number, to: number) => {
    for (let now = from; now <= to; now += 10 * second) sitting.touch(now)
  }

  it('asks for a break after so much work without one', () => {
    const sitting = new Sitting(0, 50 * minute)
    working(sitting, 0, 49 * minute)
    expect(sitting.isDue(49 * minute)).toBe(false)
    working(sitting, 49 * minute, 51 * minute)
    expect(sitting.isDue(51 * minute)).toBe(true)
  })

  it('begins anew after five minutes away', () => {
    const sitting = new Sitting(0, 50 * minute)
    working(sitting, 0, 49 * minute)
    working(sitting, 55 * minute, 60 * minute)
    expect(sitting.isDue(60 * minute)).toBe(false)
    expect(sitting.worked(60 * minute)).toBe(5 * minute)
  })

  it('can be put off for ten minutes', () => {
    const sitting = new Sitting(0, 50 * minute)
    working(sitting, 0, 50 * minute)
    sitting.putOff(50 * minute)
    working(sitting, 50 * minute, 59 * minute)
    expect(sitting.isDue(59 * minute)).toBe(false)
    working(sitting, 59 * minute, 60 * minute)
    expect(sitting.isDue(60 * minute)).toBe(true)
  })
})
