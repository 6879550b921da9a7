/** The statistics that Quality shows, over what these people answer: each vice is found, and the careful are left in peace. */
import { describe, expect, it } from 'vitest'
import { inferTruth } from '../assure/quality/reliability.ts'
import { type Answer, labelsOf, sidesOf } from '../assure/quality/rules.ts'
import { suspectsOf } from '../assure/quality/suspects.ts'
import { agreement } from '../stats/agreement/agreement.ts'
import { ratingsFromLong } from '../stats/agreement/ratings.ts'
import { manners, replyTo } from './demonstrations.ts'
import { type Judge, judgeOf, type Kind, people } from './people.ts'
import { topics } from './prompts.ts'
import { type Random, randomOf } from './random.ts'
import { utility } from './utility.ts'

/** A prompt with two different replies, mostly on its topic, as two first policies would give. */
function pairFor(random: Random): [string, string, string] {
  const topic = random.pick(topics)
  const reply = () => replyTo(random.next() < 0.15 ? random.pick(topics) : topic, random.pick(manners), random)
  const first = reply()
  for (;;) {
    const second = reply()
    if (second !== first) return [random.pick(topic.prompts), first, second]
  }
}

/** Two people on each task, whoever has answered least first. */
function course(seed: number, tasks: number) {
  const random = randomOf('course', seed)
  const judges = new Map<string, Judge>(people.map(({ name, kind }) => [name, judgeOf(kind, randomOf(name, seed))]))
  const given = new Map(people.map(({ name }) => [name, 0]))
  const lengths = new Map<string, number>()
  const answers = Array.from({ length: tasks }, (_, i): Answer[] => {
    const [prompt, ...replies] = pairFor(random)
    for (const side of [0, 1]) lengths.set(`${i}-${side}`, replies[side]!.length)
    const turns = [...given].map(([name, n]) => ({ name, turn: n + 4 * random.next() })).sort((a, b) => a.turn - b.turn)
    return turns.slice(0, 2).map(({ name }) => {
      given.set(name, given.get(name)! + 1)
      const order = random.next() < 0.5 ? [0, 1] : [1, 0]
      const { strength, activeMs } = judges.get(name)!.choose(prompt, replies[order[0]!]!, replies[order[1]!]!)
      return {
        person: name,
        step: 'compare',
        kind: 'compare',
        targets: [`${i}-0`, `${i}-1`],
        payload: { strength: order[0] === 0 ? strength : -strength || 0 },
        order,
        task: `${i}`,
        activeMs,
        at: new Date(0),
      }
    })
  }).flat()
  const rows = labelsOf(answers)
  const { knowing } = inferTruth(rows)
  const suspects = suspectsOf({ answers, knowing, sides: sidesOf(answers).people, lengths })
  const kindOf = (name: string): Kind => people.find((person) => person.name === name)!.kind
  const { krippendorff } = agreement(
    ratingsFromLong(
      rows.map(({ item }) => item),
      rows.map(({ person }) => person),
      rows.map(({ label }) => label),
    ),
    ['krippendorff'],
  )
  return {
    alpha: 'estimate' in krippendorff ? krippendorff.estimate : Number.NaN,
    accused: new Set(suspects.map(({ person }) => kindOf(person))),
  }
}

describe('over twenty demos of 600 comparisons', () => {
  const courses = Array.from({ length: 20 }, (_, seed) => course(seed, 600))

  it('finds the careless and the left-biased in each', () => {
    for (const { accused } of courses) expect([...accused]).toEqual(expect.arrayContaining(['careless', 'left-biased']))
  })

  it('accuses the careful in none', () => {
    expect(courses.filter(({ accused }) => accused.has('careful'))).toEqual([])
  })

  it('agrees as people do: well beyond chance, far from perfectly', () => {
    for (const { alpha } of courses) {
      expect(alpha).toBeGreaterThan(0.25)
      expect(alpha).toBeLessThan(0.65)
    }
  })
})

describe('what each kind follows', () => {
  const random = randomOf('habits')
  const pairs = Array.from({ length: 1500 }, () => pairFor(random))
  const share = (kind: Kind, is: (strength: number, pair: (typeof pairs)[number]) => boolean | undefined) => {
    const judge = judgeOf(kind, randomOf('habits', kind))
    const told = pairs.flatMap((pair) => {
      const { strength } = judge.choose(...pair)
      const said = strength ? is(strength, pair) : undefined
      return said === undefined ? [] : [Number(said)]
    })
    return told.reduce((sum, one) => sum + one, 0) / told.length
  }
  const isRight = (strength: number, [prompt, left, right]: (typeof pairs)[number]) => {
    const difference = utility(prompt, right) - utility(prompt, left)
    return difference === 0 ? undefined : Math.sign(difference) === Math.sign(strength)
  }
  const isLonger = (strength: number, [, left, right]: (typeof pairs)[number]) =>
    left.length === right.length ? undefined : right.length > left.length === strength > 0
  const isLeft = (strength: number) => strength < 0

  it('is worth for the careful, and chance for the careless', () => {
    expect(share('careful', isRight)).toBeGreaterThan(0.88)
    expect(share('fast', isRight)).toBeGreaterThan(0.75)
    expect(share('fast', isRight)).toBeLessThan(share('careful', isRight))
    expect(Math.abs(share('careless', isRight) - 0.5)).toBeLessThan(0.06)
  })

  it('is the left side for the left-biased alone', () => {
    expect(share('left-biased', isLeft)).toBeGreaterThan(0.65)
    for (const kind of ['careful', 'fast', 'length-biased'] as const)
      expect(Math.abs(share(kind, isLeft) - 0.5)).toBeLessThan(0.05)
  })

  it('is length for the length-biased', () => {
    expect(share('length-biased', isLonger)).toBeGreaterThan(share('careful', isLonger) + 0.1)
  })

  it('takes the careful the time that reading takes, and the careless none', () => {
    const seconds = (kind: Kind) => {
      const judge = judgeOf(kind, randomOf('time', kind))
      const times = pairs.map((pair) => judge.choose(...pair).activeMs / 1000).sort((a, b) => a - b)
      return times[times.length / 2]!
    }
    expect(seconds('careful')).toBeGreaterThan(6)
    expect(seconds('fast')).toBeGreaterThan(2)
    expect(seconds('careless')).toBeLessThan(1.5)
  })
})
