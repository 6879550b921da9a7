/** Whether haste costs quality: quick answers against slow ones of the same person, where the others agree on what is right. */
import { type SpeedTest, speedQuality } from '../../stats/bias/speed.ts'
import type { PersonQuality } from './contract.ts'
import { byItem } from './reliability.ts'
import { type Answer, labelsOf } from './rules.ts'

/** The label that most of the others gave; undefined where they tie or nobody else answered. */
function majority(labels: string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  const [first, second] = [...counts].sort(([, a], [, b]) => b - a)
  return first && first[1] !== second?.[1] ? first[0] : undefined
}

const shown = ({ slowerWhenRight: value, low, high, p, n }: SpeedTest) => ({ value, low, high, p, n })

export function speedBias(answers: Answer[]) {
  const seconds = new Map<string, number>()
  for (const { person, targets, step, activeMs } of answers)
    if (activeMs !== null) seconds.set(`${targets} ${step} ${person}`, activeMs / 1000)
  const people = [...new Set(answers.map(({ person }) => person))]
  const number = new Map(people.map((person, i) => [person, i]))
  const worker: number[] = []
  const took: number[] = []
  const right: number[] = []
  for (const [item, group] of byItem(labelsOf(answers), 'preference'))
    for (const own of group) {
      const agreed = majority(group.flatMap((other) => (other === own ? [] : [other.label])))
      const time = seconds.get(`${item} ${own.person}`)
      if (agreed === undefined || time === undefined) continue
      worker.push(number.get(own.person)!)
      took.push(time)
      right.push(Number(own.label === agreed))
    }
  const { pool, workers } = speedQuality({
    worker: Int32Array.from(worker),
    workers: people.length,
    seconds: Float64Array.from(took),
    right,
  })
  return {
    pool: 'undefined' in pool ? pool : shown(pool),
    people: new Map(
      people.map((person, w): [string, PersonQuality['speed']] => {
        const test = workers[w]!
        return [person, 'undefined' in test ? test : { ...shown(test), adjusted: test.adjusted }]
      }),
    ),
  }
}
