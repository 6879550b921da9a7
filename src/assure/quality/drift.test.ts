import { expect, it } from 'vitest'
import { createRandom } from '../../stats/random.ts'
import { driftOf } from './drift.ts'
import type { LabelRow } from './rules.ts'

const dayMs = 86_400_000

/** `days` days of ten tasks for four people, each right with chance `rate(person, day)`. */
function course(seed: number, days: number, rate: (person: number, day: number) => number): LabelRow[] {
  const random = createRandom(seed)
  return Array.from({ length: days * 10 }, (_, i) => {
    const truth = random.integer(2)
    const at = new Date(Date.parse('2026-03-02') + Math.floor(i / 10) * dayMs + (i % 10) * 60_000)
    return [0, 1, 2, 3].map((person): LabelRow => {
      const label = random.next() < rate(person, Math.floor(i / 10)) ? truth : 1 - truth
      const [name, mirrored] = label ? ['second', 'first'] : ['first', 'second']
      return {
        item: `${i}`,
        person: `p${person}`,
        step: 'compare',
        attribute: 'preference',
        label: name!,
        mirrored: mirrored!,
        task: `${i}`,
        at,
      }
    })
  }).flat()
}

const changeOf = (rows: LabelRow[], person: string) => {
  const { change } = driftOf(rows).people.find((one) => one.person === person)!
  return 'undefined' in change ? undefined : change
}

it('finds the person who became worse, when, and raises alarms of nobody else', () => {
  const rows = course(1, 24, (person, day) => (person === 3 && day >= 12 ? 0.5 : 0.9))
  const { people, pool, every } = driftOf(rows)
  expect(every).toBe('day')
  const worse = changeOf(rows, 'p3')!
  expect(worse.adjusted).toBeLessThan(0.01)
  expect(worse.since).toBeLessThan(worse.before - 0.2)
  expect(Math.abs(Date.parse(worse.at) - Date.parse('2026-03-14'))).toBeLessThan(5 * dayMs)
  for (const { person, alarms } of people) {
    if ('undefined' in alarms) throw new Error(alarms.undefined)
    expect(alarms.n > 0).toBe(person === 'p3')
    expect(alarms.falseAlarmsPer1000).toBeLessThan(1.5)
  }
  expect(pool.points).toHaveLength(24)
})

it('says in at most one course of twenty that somebody changed where nobody did', () => {
  let courses = 0
  const runs = 60
  for (let seed = 0; seed < runs; seed++) {
    const { people } = driftOf(course(seed, 12, () => 0.85))
    courses += Number(people.some(({ change }) => !('undefined' in change) && change.adjusted < 0.05))
  }
  expect(courses / runs).toBeLessThanOrEqual(0.1)
})

it('says how many answers are missing, and depends on no order of rows', () => {
  const few = course(2, 3, () => 0.9)
  expect(driftOf(few).people[0]).toMatchObject({ change: { undefined: expect.stringContaining('at least 40') } })
  expect(driftOf([]).pool.points).toEqual([])
  const rows = course(3, 8, () => 0.8)
  const [one, other] = [driftOf(rows), driftOf([...rows].reverse())]
  expect(other.pool).toEqual(one.pool)
  expect(other.pointsOf('p1')).toEqual(one.pointsOf('p1'))
})
