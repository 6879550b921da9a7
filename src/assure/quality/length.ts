/** Whether longer responses are preferred: by everybody, and by each person against everybody. */
import { kindOf } from '../../collect/kinds/index.ts'
import { featureBias } from '../../stats/bias/features.ts'
import type { Answer } from './rules.ts'
import type { PersonQuality } from './shapes.ts'

type Tested = { value: number; low: number; high: number; n: number; p: number } | { undefined: string }

interface LengthBias {
  slope: Tested
  longer: Tested
  people: Map<string, PersonQuality['length']>
}

/** @param lengths characters of each message; comparisons with a text that is gone or empty are left out */
export function lengthBias(answers: Answer[], lengths: Map<string, number>): LengthBias {
  const people = [...new Set(answers.map(({ person }) => person))]
  const number = new Map(people.map((person, i) => [person, i]))
  const worker: number[] = []
  const choseLeft: number[] = []
  const difference: number[] = []
  for (const { person, kind, payload, targets, order } of answers) {
    if (order?.length !== 2 || targets.length !== 2) continue
    const [left, right] = order.map((at) => targets[at]!) as [string, string]
    const [long, short] = [lengths.get(left), lengths.get(right)]
    const pair = kindOf(kind)
      .pairs({ payload, targets })
      .find(({ attribute }) => attribute === 'preference')
    if (!pair || pair.strength === 0 || !long || !short) continue
    worker.push(number.get(person)!)
    choseLeft.push(Number(pair.chosen === left))
    difference.push(Math.log2(long / short))
  }
  const bias = featureBias({
    worker: Int32Array.from(worker),
    workers: people.length,
    choseLeft,
    difference: Float64Array.from(difference),
  })
  if ('undefined' in bias) return { slope: bias, longer: bias, people: new Map(people.map((person) => [person, bias])) }
  const { slope, low, high, p, n, share, workers } = bias
  return {
    slope: { value: slope, low, high, p, n },
    longer: { value: share.share, low: share.low, high: share.high, p: share.p, n: share.n },
    people: new Map(
      people.map((person, w): [string, PersonQuality['length']] => {
        const own = workers[w]!
        if ('undefined' in own) return [person, own]
        const { slope: value, share: longer, ...rest } = own
        return [
          person,
          { value, longer, low: rest.low, high: rest.high, n: rest.n, p: rest.p, adjusted: rest.adjusted },
        ]
      }),
    ),
  }
}
