import { describe, expect, it } from 'vitest'
import { createRandom } from '../../stats/random.ts'
import { inferTruth } from './reliability.ts'
import { type Answer, labelsOf, sidesOf } from './rules.ts'
import { suspectsOf } from './suspects.ts'

type Random = ReturnType<typeof createRandom>
type Habit = (truth: number, left: number, random: Random) => number

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

interface Course {
  seed: number
  /** Answers of each person, about. */
  each: number
  /** People on each comparison. */
  overlap: number
  people: Record<string, Habit>
  seconds?: Record<string, number>
}

/** Who has answered least comes first, so that everybody answers about as much. */
function simulate({ seed, each, overlap, people, seconds = {} }: Course): Answer[] {
  const random = createRandom(seed)
  const given = new Map(Object.keys(people).map((name) => [name, 0]))
  return Array.from({ length: Math.round((each * given.size) / overlap) }, (_, i) => {
    const truth = random.integer(2) ? 1 : -1
    const next = [...given].map(([name, n]) => ({ name, turn: n + 6 * random.next() })).sort((a, b) => a.turn - b.turn)
    return next.slice(0, overlap).map(({ name: person }) => {
      given.set(person, given.get(person)! + 1)
      const order = random.integer(2) ? [0, 1] : [1, 0]
      return {
        person,
        step: 'compare',
        kind: 'compare',
        targets: [`${i}a`, `${i}b`],
        payload: { strength: people[person]!(truth, order[0] === 0 ? -1 : 1, random) },
        order,
        task: `${i}`,
        activeMs: Math.round(1000 * (seconds[person] ?? 20) * Math.exp(0.3 * (random.next() - random.next()))),
        at: new Date(0),
      }
    })
  }).flat()
}

const found = (answers: Answer[], lengths?: Map<string, number>) =>
  suspectsOf({ answers, knowing: inferTruth(labelsOf(answers)).knowing, sides: sidesOf(answers).people, lengths })
const said = (answers: Answer[]) => found(answers).map(({ person, kind }) => `${person}: ${kind}`)

const courses = 100
/** In how many of the courses something is said. */
function counts(course: Omit<Course, 'seed'>) {
  const times: Record<string, number> = {}
  for (let seed = 0; seed < courses; seed++)
    for (const one of said(simulate({ ...course, seed }))) times[one] = (times[one] ?? 0) + 1
  return times
}

describe.each([
  { each: 80, overlap: 2, careless: 60 },
  { each: 120, overlap: 2, careless: 75 },
  { each: 80, overlap: 3, careless: 75 },
  { each: 120, overlap: 3, careless: 85 },
])('$each answers of each of five people, $overlap on a comparison', ({ each, overlap, careless }) => {
  const times = counts({ each, overlap, people: habits })
  const rate = JSON.stringify(times)

  it('finds the left-biased always and the careless mostly', () => {
    expect(times['left-biased: side'], rate).toBeGreaterThanOrEqual(98)
    expect(times['careless: careless'], rate).toBeGreaterThanOrEqual(careless)
  })

  it('accuses the careful in one course of a hundred or so', () => {
    const wrong = Object.entries(times).filter(([what]) => what.startsWith('careful'))
    // Two careful people, on four counts each.
    expect(
      wrong.reduce((sum, [, n]) => sum + n, 0),
      rate,
    ).toBeLessThanOrEqual(4)
  })
})

it('accuses nobody where all are alike, few have answered, or only two can be compared', () => {
  const alike = { a: right(0.85), b: right(0.85), c: right(0.85), d: right(0.85) }
  const wrong = Object.values(counts({ each: 100, overlap: 3, people: alike })).reduce((sum, n) => sum + n, 0)
  expect(wrong).toBeLessThanOrEqual(4)
  for (let seed = 0; seed < 40; seed++) {
    expect(
      said(simulate({ seed, each: 9, overlap: 3, people: habits })).filter((what) => /careless$/.test(what)),
    ).toEqual([])
    const two = { careful: right(0.9), careless: habits.careless! }
    expect(
      said(simulate({ seed, each: 100, overlap: 2, people: two })).filter((what) => /careless$/.test(what)),
    ).toEqual([])
  }
})

it('does not call careless who has the scale the wrong way round', () => {
  const people = { a: right(0.9), b: right(0.9), c: right(0.9), d: right(0.9), reversed: right(0.05) }
  expect(said(simulate({ seed: 1, each: 90, overlap: 3, people }))).toEqual(['reversed: reversed'])
})

/** One person takes the longer response in most pairs, whatever is better; the better one is the longer in a share of them. */
function lengthCourse(seed: number, longerBetter: number) {
  const people: Record<string, Habit> = { ...habits, 'loves length': right(0.9), 'careful three': right(0.9) }
  const random = createRandom(1000 + seed)
  const lengths = new Map<string, number>()
  const better = new Map<string, boolean>()
  const answers = simulate({ seed, each: 100, overlap: 3, people }).map((answer) => {
    const [first, second] = answer.targets as [string, string]
    if (!lengths.has(first)) {
      const firstLonger = random.integer(2) === 1
      lengths.set(first, firstLonger ? 600 : 300)
      lengths.set(second, firstLonger ? 300 : 600)
      better.set(first, random.next() < longerBetter ? firstLonger : !firstLonger)
    }
    const longer = lengths.get(first)! > lengths.get(second)! ? -1 : 1
    const truth = better.get(first) ? -1 : 1
    const left = answer.order![0] === 0 ? -1 : 1
    const said =
      answer.person === 'loves length' && random.next() < 0.6 ? longer : people[answer.person]!(truth, left, random)
    return { ...answer, payload: { strength: said } }
  })
  return { answers, lengths }
}

it.each([0.5, 0.8])(
  'finds who errs toward the longer, and not who takes the better, where longer is better in %s',
  (share) => {
    const times: Record<string, number> = {}
    for (let seed = 0; seed < 50; seed++) {
      const { answers, lengths } = lengthCourse(seed, share)
      for (const { person, kind, value } of found(answers, lengths)) {
        if (kind !== 'length') continue
        times[person] = (times[person] ?? 0) + 1
        expect(value).toBeGreaterThanOrEqual(0.25)
      }
    }
    expect(times['loves length'], JSON.stringify(times)).toBeGreaterThanOrEqual(30)
    expect(
      Object.values(times).reduce((a, b) => a + b) - times['loves length']!,
      JSON.stringify(times),
    ).toBeLessThanOrEqual(4)
  },
)

it.each<[string, (random: Random, who: number) => number]>([
  ['evenly spread', (random) => 5 + 9 * random.next()],
  ['with a long tail', (random) => 4 - 20 * Math.log(1 - random.next())],
  ['lognormal, wide', (random) => 12 * Math.exp(random.normal())],
  ['of quick and slow readers', (random, who) => [20, 25, 40, 60, 90][who]! * Math.exp(0.3 * random.normal())],
  ['all in great haste', (random) => 0.5 + random.next()],
])('names nobody for haste where times are %s', (_, secondsOf) => {
  const names = Object.keys(habits)
  for (let seed = 0; seed < 20; seed++) {
    const random = createRandom(seed)
    const answers = simulate({ seed, each: 100, overlap: 3, people: habits }).map((answer) => ({
      ...answer,
      activeMs: Math.round(1000 * secondsOf(random, names.indexOf(answer.person))),
    }))
    const lengths = new Map(
      answers.flatMap(({ targets }) => targets).map((target, i) => [target, 100 + ((i * 37) % 600)]),
    )
    expect(found(answers, lengths).filter(({ kind }) => kind === 'haste')).toEqual([])
  }
})

it('finds long streaks on one side, and haste against the pace of the others', () => {
  let at = 0
  const people = { ...habits, streaky: () => 0 }
  const answers = simulate({ seed: 3, each: 100, overlap: 3, people, seconds: { streaky: 2 } }).map((answer) => {
    if (answer.person !== 'streaky') return answer
    const left = answer.order![0] === 0 ? -1 : 1
    return { ...answer, payload: { strength: Math.floor(at++ / 12) % 2 ? left : -left } }
  })
  const lengths = new Map(
    answers.flatMap(({ targets }) => targets).map((target, i) => [target, 200 + ((i * 37) % 400)]),
  )
  const own = found(answers, lengths).filter(({ person }) => person === 'streaky')
  expect(own.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['streaks', 'haste']))
  for (const { why, low, value, high, n } of own) {
    expect(why).toMatch(/\d%/)
    expect(low).toBeLessThanOrEqual(value)
    expect(value).toBeLessThanOrEqual(high)
    expect(n).toBeGreaterThan(50)
  }
  expect(found(answers, lengths).filter(({ kind, person }) => kind === 'haste' && person !== 'streaky')).toEqual([])
})

it('measures nobody against themselves', () => {
  const alone = simulate({ seed: 1, each: 10, overlap: 1, people: habits })
  expect(inferTruth(labelsOf(alone)).people.size).toBe(0)
  expect(said(alone).filter((what) => /careless$/.test(what))).toEqual([])
})
