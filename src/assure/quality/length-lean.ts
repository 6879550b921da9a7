/** Who errs toward the longer (or the shorter) response, against what the others point to. */
import { kindOf } from '../../collect/kinds/index.ts'
import { leanings } from '../../stats/bias/leaning.ts'
import { heldOutTruth } from '../../stats/truth/competence.ts'
import { fitVotes, type Vote } from '../consensus/truth.ts'
import type { Answer } from './rules.ts'
import { percent, type Test, within } from './suspect-test.ts'

/** Texts of about one length say nothing. */
const leastRatio = 1.1

/** @param lengths characters of each message; comparisons with a text that is gone or empty are left out */
export function lengthLean(answers: Answer[], lengths: Map<string, number>): Test[] {
  const items = new Map<string, Map<string, string>>()
  for (const { person, kind, step, payload, targets } of answers) {
    const pair = kindOf(kind)
      .pairs({ payload, targets })
      .find(({ attribute }) => attribute === 'preference')
    if (!pair || pair.strength === 0) continue
    const [chosen, rejected] = [lengths.get(pair.chosen), lengths.get(pair.rejected)]
    if (!chosen || !rejected || Math.max(chosen / rejected, rejected / chosen) < leastRatio) continue
    const key = `${[pair.chosen, pair.rejected].sort()} ${step}`
    const votes = items.get(key) ?? new Map()
    items.set(key, votes)
    votes.set(person, chosen > rejected ? 'longer' : 'shorter')
  }
  const fit = fitVotes(
    new Map([...items].map(([key, votes]) => [key, [...votes].map(([person, label]): Vote => ({ person, label }))])),
  )
  if (!fit?.shared) return []
  const { table, fitted } = fit.shared
  const longer = table.classNames.indexOf('longer')
  const held = heldOutTruth(table, { confusion: fitted.quality.confusion!, prevalence: fitted.prevalence })
  const found = leanings(
    held.map(({ label, truth }) => ({
      tookMore: label.map((l) => Number(l === longer)),
      moreBetter: truth.map((q, n) => (label[n] === longer ? q : 1 - q)),
    })),
  )
  return found.flatMap((own, w): Test[] => {
    if ('undefined' in own) return []
    const toLonger = own.lean > 0
    const [value, low, high] = toLonger ? [own.lean, own.low, own.high] : [-own.lean, -own.high, -own.low]
    const [one, other] = toLonger ? ['longer', 'shorter'] : ['shorter', 'longer']
    const [toward, away] = toLonger ? [own.toward, own.away] : [own.away, own.toward]
    return [
      {
        person: table.workerNames[w]!,
        kind: 'length',
        why: `Takes the ${one} response in ${percent(toward)} of the comparisons in which the others point to the ${other}, and the ${other} in ${percent(away)} of the opposite ones: ${percent(value)} ${within({ low, high })} more, over ${own.n} shared comparisons.`,
        statistic: `errors toward the ${one} response beyond those toward the ${other}`,
        value,
        low,
        high,
        n: own.n,
        expected: 0,
        p: own.p,
        large: value >= 0.25,
      },
    ]
  })
}
