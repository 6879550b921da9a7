/**
 * People whose work looks careless or biased, each with the statistic that says so. Everybody is tested on every count below, each
 * count is corrected for the number of people (Benjamini and Hochberg), and what is significant must also be large: with enough
 * answers any habit is significant, and a small one accuses nobody.
 *
 *   careless  answers follow what the others point to surely less than three fifths as well as a good colleague's do
 *             (`truth/competence`); `reversed` where they surely name the opposite
 *   side      the left or the right of the screen in 60% of the decided comparisons or more (`bias/sides`)
 *   length    errs toward the longer or the shorter response by 25 points more than the other way (`bias/leaning`): longer ones may
 *             well be better, and are then chosen by the others too
 *   streaks   the same side again and again: 15 points more repeats than the same answers in any order (`truth/straight-lining`)
 *   haste     more than half of the answers came in less time than the texts can be read in, and far below the pace of the others
 *             (`truth/speed`): times of any other form have two ways of working in them too, and quick readers are no fault
 */
import { benjaminiHochberg } from '../../stats/share.ts'
import { haste, streaks } from './habits.ts'
import { lengthLean } from './length-lean.ts'
import type { Knowing } from './reliability.ts'
import type { Answer } from './rules.ts'
import { type PersonQuality, type Suspicion, suspicions } from './shapes.ts'
import { percent, type Suspect, type Test, within } from './suspect-test.ts'

/**
 * So many of those named on one count would be named wrongly, on average, at most. Of carelessness more: its test asks whether
 * people stay below a bar that the careful are far above, so that they are never those who are named.
 */
const falseShare = 0.01
const carelessFalseShare = 0.1

const advice: Record<Suspicion, string> = {
  careless:
    'Look at a few of these answers together with their author before anything else: the guideline may be unclear to them, or their view another one. Review what they answered, and ask one more person on these tasks.',
  reversed:
    'Whoever is wrong so surely knows the difference: ask whether the scale is read the wrong way round, or whether the guideline is understood otherwise.',
  side: 'Ask first: a narrow screen or a habit may explain it. Until it is mended let others answer the same tasks, and leave these answers out of data sets.',
  length:
    'Show two or three of these answers: padding is easily taken for thoroughness, and brevity for skill. Let the guideline say what length is worth.',
  streaks:
    'Look at a few of these answers: sides are drawn by lot, so that the better response cannot stand on one side for long. Review what was answered in these stretches.',
  haste:
    'Ask how they work before anything else: somebody may know the texts already. Review a share of what came fastest, and agree on fewer answers a day.',
}

interface Evidence {
  answers: Answer[]
  knowing: Map<string, Knowing>
  sides: Map<string, PersonQuality['leftSide']>
  /** Characters of each message judged; without it neither length nor the pace of reading is looked at. */
  lengths?: Map<string, number>
}

/** At most one entry a person and count, the surest first. */
export function suspectsOf({ answers, knowing, sides, lengths }: Evidence): Suspect[] {
  const families = [
    { tests: carelessness(knowing), falseShare: carelessFalseShare },
    { tests: oneSided(sides), falseShare },
    { tests: lengths ? lengthLean(answers, lengths) : [], falseShare },
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
