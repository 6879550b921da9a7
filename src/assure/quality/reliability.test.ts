import { expect, it } from 'vitest'
import { createRandom } from '../../stats/random.ts'
import { findingsOf, inferTruth } from './reliability.ts'
import { type Answer, labelsOf, sidesOf } from './rules.ts'

type Habit = (truth: number, left: number, random: ReturnType<typeof createRandom>) => number

const right =
  (share: number): Habit =>
  (truth, _, random) =>
    random.next() < share ? truth : -truth
const habits: Record<string, Habit> = {
  careful: right(0.92),
  'careful too': right(0.88),
  fast: right(0.74),
  'left-biased': (truth, left, random) => (random.next() < 0.7 ? left : random.next() < 0.9 ? truth : -truth),
  careless: (_, __, random) => (random.integer(2) ? 1 : -1),
}

/** Answers of `votes` people, drawn by lot, on each of so many comparisons. */
function simulate(seed: number, items: number, votes: number, people: Record<string, Habit>): Answer[] {
  const random = createRandom(seed)
  const names = Object.keys(people)
  return Array.from({ length: items }, (_, i) => {
    const truth = random.integer(2) ? 1 : -1
    const start = random.integer(names.length)
    return Array.from({ length: votes }, (_, v) => {
      const person = names[(start + v * (1 + (i % (names.length - 1)))) % names.length]!
      const order = random.integer(2) ? [0, 1] : [1, 0]
      const strength = people[person]!(truth, order[0] === 0 ? -1 : 1, random)
      return {
        person,
        step: 'compare',
        kind: 'compare',
        targets: [`${i}a`, `${i}b`],
        payload: { strength },
        order,
        task: `${i}`,
        activeMs: 1000,
        at: new Date(0),
      }
    })
  }).flat()
}

const suspects = (answers: Answer[]) =>
  Object.fromEntries(
    [...findingsOf(inferTruth(labelsOf(answers)).people, sidesOf(answers).people)].map(([person, { kind }]) => [
      person,
      kind,
    ]),
  )

it('finds the careless and the left-biased among five, and never the careful, whatever the course', () => {
  const runs = Array.from({ length: 40 }, (_, seed) => suspects(simulate(seed, 160, 3, habits)))
  const accused = (name: string, kind: string) => runs.filter((run) => run[name] === kind).length
  // About 95 shared answers each: the careless are found in most courses, the more surely the more they answer.
  expect(accused('careless', 'careless')).toBeGreaterThanOrEqual(32)
  expect(accused('left-biased', 'side')).toBeGreaterThanOrEqual(36)
  expect(runs.filter((run) => run.careful || run['careful too'])).toEqual([])
  expect(accused('fast', 'careless')).toBeLessThanOrEqual(1)
})

it('accuses nobody where all are alike, few have answered, or only two can be compared', () => {
  const alike = { a: right(0.85), b: right(0.85), c: right(0.85), d: right(0.85) }
  for (let seed = 0; seed < 40; seed++) {
    expect(suspects(simulate(seed, 100, 3, alike))).toEqual({})
    expect(suspects(simulate(seed, 15, 3, habits))).not.toMatchObject({ careless: 'careless' })
    expect(suspects(simulate(seed, 100, 2, { careful: right(0.9), careless: habits.careless! }))).toEqual({})
  }
})

it('does not call careless who has the scale the wrong way round', () => {
  const people = { a: right(0.9), b: right(0.9), c: right(0.9), d: right(0.9), reversed: right(0.05) }
  expect(suspects(simulate(1, 150, 3, people))).toEqual({ reversed: 'reversed' })
})

it('measures nobody against themselves', () => {
  const alone = simulate(1, 50, 1, habits)
  expect(inferTruth(labelsOf(alone)).people.size).toBe(0)
})
