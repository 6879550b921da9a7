/** Habits that need no truth: long streaks on one side of the screen, and answers faster than the texts can be read. */
import { kindOf } from '../../collect/kinds/index.ts'
import { binomialUpper } from '../../stats/distributions.ts'
import { wilson } from '../../stats/share.ts'
import { floorAt, type SpeedModel, speedModel } from '../../stats/truth/speed.ts'
import { straightLining } from '../../stats/truth/straight-lining.ts'
import type { Answer } from './rules.ts'
import { percent, type Test, within } from './suspect-test.ts'

/** Answers of each person in the order in which they came. */
function byPerson<T extends { person: string }>(rows: T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(row.person)
    if (group) group.push(row)
    else groups.set(row.person, [row])
  }
  return groups
}

/** Fewer answers of a person say nothing of streaks or haste. */
const fewest = 20

export function streaks(answers: Answer[]): Test[] {
  return [...byPerson(answers)].flatMap(([person, own]): Test[] => {
    const sides = own.flatMap(({ kind, payload, targets, order }) => {
      if (order?.length !== 2 || targets.length !== 2) return []
      const pair = kindOf(kind)
        .pairs({ payload, targets })
        .find(({ attribute }) => attribute === 'preference')
      return pair && pair.strength !== 0 ? [Number(targets[order[0]!] !== pair.chosen)] : []
    })
    if (sides.length < fewest) return []
    const even = new Float64Array(2 * sides.length).fill(0.5)
    const { repeats, expectedRepeats, pRepeats, longestRun } = straightLining(Int32Array.from(sides), 2, even)
    const n = sides.length - 1
    const [value, expected] = [repeats / n, expectedRepeats / n]
    const [low, high] = wilson(value, n)
    return [
      {
        person,
        kind: 'streaks',
        why: `Stayed on the same side of the screen in ${percent(value)} ${within({ low, high })} of ${n} steps from one answer to the next, ${longestRun} in a row at most, where the same answers in any order give ${percent(expected)}.`,
        statistic: 'share of answers on the side of the one before',
        value,
        low,
        high,
        n,
        expected,
        p: pRepeats,
        large: value - expected >= 0.15,
      },
    ]
  })
}

/** Twice as fast as people read. */
const charactersPerSecond = 50

/** Two ways of working that lie a factor of three apart, of which haste is the rarer one. */
function isApart(model: SpeedModel, timed: { length: number }[]): boolean {
  if (!model.twoWays || model.notReading.share >= 0.5) return false
  const lengths = timed.map(({ length }) => length).sort((a, b) => a - b)
  const usual = model.reading.intercept + model.reading.slope * Math.log(lengths[lengths.length >> 1]!)
  return usual - model.notReading.mean >= Math.log(3)
}

export function haste(answers: Answer[], lengths: Map<string, number>): Test[] {
  const timed = answers.flatMap(({ person, activeMs, targets }) => {
    const length = targets.reduce((sum, target) => sum + (lengths.get(target) ?? 0), 0)
    return activeMs && length ? [{ person, seconds: activeMs / 1000, length }] : []
  })
  if (timed.length < fewest) return []
  const model = speedModel(
    Float64Array.from(timed, ({ seconds }) => seconds),
    Float64Array.from(timed, ({ length }) => length),
  )
  if (!isApart(model, timed)) return []
  return [...byPerson(timed)].flatMap(([person, own]): Test[] => {
    const n = own.length
    if (n < fewest) return []
    const fast = own.filter(
      ({ seconds, length }) => seconds < Math.min(floorAt(model, length), length / charactersPerSecond),
    ).length
    const value = fast / n
    const [low, high] = wilson(value, n)
    return [
      {
        person,
        kind: 'haste',
        why: `${percent(value)} ${within({ low, high })} of ${n} answers came in less time than the texts can be read in, and far below the pace of the others.`,
        statistic: 'share of answers faster than the floor of reading',
        value,
        low,
        high,
        n,
        expected: 0.5,
        p: binomialUpper(fast, n, 0.5),
        large: value > 0.5,
      },
    ]
  })
}
