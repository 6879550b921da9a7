/** Whether haste costs quality: quick answers against slow ones of the same person, where the others agree on what is right. */
import { type SpeedTest, speedQuality } from '../../stats/bias/speed.ts'
import { answersAgainstOthers } from './others.ts'
import { type Answer, labelsOf } from './rules.ts'
import type { PersonQuality } from './shapes.ts'

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
  for (const { item, person, agreed } of answersAgainstOthers(labelsOf(answers))) {
    const time = seconds.get(`${item} ${person}`)
    if (time === undefined) continue
    worker.push(number.get(person)!)
    took.push(time)
    right.push(Number(agreed))
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
