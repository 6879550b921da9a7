/**
 * Whether people, or all of them together, agree less (or more) with the others than they used to. Two looks at the same series: one
 * change point over all of it (`bias/change-point`), and a CUSUM that watches answer by answer and raises an alarm when a rate
 * 0.2 below the usual one explains the latest answers better (`bias/drift`).
 */
import { changePoint } from '../../stats/bias/change-point.ts'
import { type Detector, designDetector, startDrift, stepDrift } from '../../stats/bias/drift.ts'
import { benjaminiHochberg, estimateShare } from '../../stats/share.ts'
import { compareNames } from '../../stats/truth/labels.ts'
import { type AgainstOthers, answersAgainstOthers } from './others.ts'
import { spanOf } from './over-time.ts'
import type { LabelRow } from './rules.ts'
import type { Alarms, Change } from './shapes.ts'

/** Fewer answers have no before and after. */
const fewest = 40
const drop = 0.2
const falseAlarmsPer1000 = 1

const why = (n: number) => ({ undefined: `${n} answers that others gave too; at least ${fewest} are needed` })

/** By usual rate, to the nearest twentieth: a detector is costly to design, and the same for everybody of that rate. */
const detectors = new Map<number, Detector | { undefined: string }>()
const usualOf = (rate: number) => Math.min(0.95, Math.max(0.3, Math.round(rate * 20) / 20))

export function driftOf(rows: LabelRow[]) {
  const series = answersAgainstOthers(rows).sort(
    (a, b) => a.at.getTime() - b.at.getTime() || compareNames(a.item, b.item) || compareNames(a.person, b.person),
  )
  const people = new Map<string, AgainstOthers[]>()
  for (const one of series) {
    const own = people.get(one.person)
    if (own) own.push(one)
    else people.set(one.person, [one])
  }
  const span = spanOf(series.map(({ at }) => at.getTime()))

  function alarmsOf(own: AgainstOthers[]): Alarms | { undefined: string } {
    if (own.length < fewest) return why(own.length)
    const usual = usualOf(own.filter(({ agreed }) => agreed).length / own.length)
    let detector = detectors.get(usual)
    if (!detector) {
      const design = { usual, worse: usual - drop, batch: 1, concentration: Number.POSITIVE_INFINITY }
      detector = designDetector('cusum', design, { falseAlarmsPer1000, seed: 1 })
      detectors.set(usual, detector)
    }
    if ('undefined' in detector) return detector
    let state = startDrift(detector)
    const at: string[] = []
    for (const one of own) {
      const { alarm, ...next } = stepDrift(detector, state, Number(one.agreed), 1)
      state = next
      if (alarm) at.push(one.at.toISOString())
    }
    const { worse } = detector.design
    return { n: at.length, last: at.at(-1) ?? null, usual, worse, falseAlarmsPer1000: detector.falseAlarmsPer1000 }
  }

  function changeOf(own: AgainstOthers[]): Change | { undefined: string } {
    if (own.length < fewest) return why(own.length)
    const found = changePoint(
      own.map(({ agreed }) => Number(agreed)),
      { seed: 1 },
    )
    if ('undefined' in found) return found
    const { after, before, since, p, n } = found
    return { at: own[after]!.at.toISOString(), after, before, since, n, p, adjusted: p }
  }

  const points = (own: AgainstOthers[]) => {
    const buckets = new Map<string, { agreed: number; n: number }>()
    for (const { at, agreed } of own) {
      const label = span.labelOf(at.getTime())
      const { agreed: sum, n } = buckets.get(label) ?? { agreed: 0, n: 0 }
      buckets.set(label, { agreed: sum + Number(agreed), n: n + 1 })
    }
    return [...buckets].map(([label, { agreed, n }]) => ({ label, ...estimateShare(agreed / n, n) }))
  }

  const each = [...people].map(([person, own]) => ({ person, change: changeOf(own), alarms: alarmsOf(own) }))
  const tested = each.flatMap(({ change }) => ('undefined' in change ? [] : [change]))
  const adjusted = benjaminiHochberg(tested.map(({ p }) => p))
  for (const [at, change] of tested.entries()) change.adjusted = adjusted[at]!
  return {
    every: span.every,
    pool: { points: points(series), change: changeOf(series), alarms: alarmsOf(series) },
    people: each,
    pointsOf: (person: string) => points(people.get(person) ?? []),
  }
}
