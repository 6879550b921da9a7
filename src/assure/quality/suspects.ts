/**
 * People whose work looks careless or biased, each with the statistic that says so. Everybody is tested on every count below, each
 * count is corrected for the number of people (Benjamini and Hochberg), and what is significant must also be large: with enough
 * answers any habit is significant, and a small one accuses nobody.
 *
 *   careless  answers follow what the others point to surely less than three fifths as well as a good colleague's do
 *             (`truth/competence`); `reversed` where they surely name the opposite
 *   side      the left or the right of the screen in 60% of the decided comparisons or more (`bias/sides`)
 *   streaks   the same side again and again: 15 points more repeats than the same answers in any order (`truth/straight-lining`)
 *   haste     more than half of the answers came in less time than the texts can be read in, and far below the pace of the others
 *             (`truth/speed`): times of any other form have two ways of working in them too, and quick readers are no fault
 */
import { kindOf } from '../../collect/kinds/index.ts'
import { binomialUpper } from '../../stats/distributions.ts'
import { benjaminiHochberg, wilson } from '../../stats/share.ts'
import { floorAt, type SpeedModel, speedModel } from '../../stats/truth/speed.ts'
import { straightLining } from '../../stats/truth/straight-lining.ts'
import { type Finding, type PersonQuality, type Suspicion, suspicions } from './contract.ts'
import type { Knowing } from './reliability.ts'
import type { Answer } from './rules.ts'

export type Suspect = Finding & { person: string }

/** A test of one person on one count; `large`: the effect is worth speaking of. */
type Test = Omit<Suspect, 'adjusted' | 'advice'> & { large: boolean }

/**
 * So many of those named on one count would be named wrongly, on average, at most. Of carelessness more: its test asks whether
 * people stay below a bar that the careful are far above, so that they are never those who are named.
 */
const falseShare = 0.01
const carelessFalseShare = 0.1

const percent = (value: number) => `${Math.round(value * 100)}%`
const within = ({ low, high }: { low: number; high: number }) => `[${percent(low)}, ${percent(high)}]`

const advice: Record<Suspicion, string> = {
  careless:
    'Look at a few of these answers together with their author before anything else: the guideline may be unclear to them, or their view another one. Review what they answered, and ask one more person on these tasks.',
  reversed:
    'Whoever is wrong so surely knows the difference: ask whether the scale is read the wrong way round, or whether the guideline is understood otherwise.',
  side: 'Ask first: a narrow screen or a habit may explain it. Until it is mended let others answer the same tasks, and leave these answers out of data sets.',
  streaks:
    'Look at a few of these answers: sides are drawn by lot, so that the better response cannot stand on one side for long. Review what was answered in these stretches.',
  haste:
    'Ask how they work before anything else: somebody may know the texts already. Review a share of what came fastest, and agree on fewer answers a day.',
}

export interface Evidence {
  answers: Answer[]
  knowing: Map<string, Knowing>
  sides: Map<string, PersonQuality['leftSide']>
  /** Characters of each message judged; without it nobody is held against the pace of reading. */
  lengths?: Map<string, number>
}

/** At most one entry a person and count, the surest first. */
export function suspectsOf({ answers, knowing, sides, lengths }: Evidence): Suspect[] {
  const families = [
    { tests: carelessness(knowing), falseShare: carelessFalseShare },
    { tests: oneSided(sides), falseShare },
    { tests: streaks(answers), falseShare },
    { tests: lengths ? haste(answers, lengths) : [], falseShare },
  ]
  const order = new Map(suspicions.map((kind, at) => [kind, at]))
  return families
    .flatMap(({ tests, falseShare }) => {
      const adjusted = benjaminiHochberg(tests.map(({ p }) => p))
      return tests.flatMap(({ large, ...test }, at): Suspect[] =>
        large && adjusted[at]! < falseShare ? [{ ...test, advice: advice[test.kind], adjusted: adjusted[at]! }] : [],
      )
    })
    .sort(
      (a, b) =>
        a.adjusted - b.adjusted ||
        order.get(a.kind)! - order.get(b.kind)! ||
        (a.person < b.person ? -1 : a.person > b.person ? 1 : 0),
    )
}

/** Those whose answers nothing tells from chance: what they say against others is no dissent. */
export const carelessOf = (knowing: Map<string, Knowing>): Set<string> =>
  new Set(
    [...knowing].flatMap(([person, own]) => ('adjusted' in own && own.adjusted! < carelessFalseShare ? [person] : [])),
  )

function carelessness(knowing: Map<string, Knowing>): Test[] {
  return [...knowing].flatMap(([person, own]): Test[] => {
    if ('undefined' in own || own.p === undefined) return []
    const { competence: value, low, high, n, bar, p } = own
    const reversed = high < 0 && value < -bar! / 2
    const why = reversed
      ? `Names the opposite of what the others point to: agreement beyond chance is ${percent(value)} ${within(own)} over ${n} shared answers.`
      : `Beyond chance ${percent(value)} ${within(own)} of ${n} shared answers follow what the others point to, where ${percent(bar!)} would be three fifths of what a good colleague reaches.`
    return [
      {
        person,
        kind: reversed ? 'reversed' : 'careless',
        why,
        statistic: 'share of answers that follow the others, beyond chance',
        value,
        low,
        high,
        n,
        expected: bar!,
        p,
        large: true,
      },
    ]
  })
}

function oneSided(sides: Map<string, PersonQuality['leftSide']>): Test[] {
  return [...sides].flatMap(([person, side]): Test[] => {
    if ('undefined' in side) return []
    const left = side.value > 0.5
    const [value, low, high] = left ? [side.value, side.low, side.high] : [1 - side.value, 1 - side.high, 1 - side.low]
    return [
      {
        person,
        kind: 'side',
        why: `Chose the ${left ? 'left' : 'right'} of the screen in ${percent(value)} ${within({ low, high })} of ${side.n} decided comparisons, where sides drawn by lot give 50%.`,
        statistic: `share of the ${left ? 'left' : 'right'} side`,
        value,
        low,
        high,
        n: side.n,
        expected: 0.5,
        p: side.p,
        large: value >= 0.6,
      },
    ]
  })
}

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

function streaks(answers: Answer[]): Test[] {
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

function haste(answers: Answer[], lengths: Map<string, number>): Test[] {
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
