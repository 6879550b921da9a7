import { expect, it } from 'vitest'
import type { Answer } from './rules.ts'
import { speedBias } from './speed.ts'

/** Three people on 60 pairs; `hasty` is wrong on every third, and quicker there. */
const answers = Array.from({ length: 60 }, (_, i) =>
  ['a', 'b', 'hasty'].map((person): Answer => {
    const slips = person === 'hasty' && i % 3 === 0
    return {
      person,
      step: 'compare',
      kind: 'compare',
      targets: [`${i}a`, `${i}b`],
      payload: { strength: slips ? -1 : 1 },
      order: [0, 1],
      activeMs: (slips ? 2000 : 9000) + i * 10,
      task: `${i}`,
      at: new Date(0),
    }
  }),
).flat()

it('finds that quick answers are the ones that others do not share', () => {
  const { pool, people } = speedBias(answers)
  expect(people.get('hasty')).toMatchObject({ value: 1, n: 60 })
  expect((people.get('hasty') as { adjusted: number }).adjusted).toBeLessThan(1e-6)
  expect((pool as { p: number }).p).toBeLessThan(1e-6)
})

it('says why there is no number for who always agrees, and leaves out tasks where the others tie', () => {
  const { people } = speedBias(answers)
  // On the 20 tasks of the slips, a's others are b and the hasty one, who tie.
  expect(people.get('a')).toHaveProperty('undefined')
  expect(speedBias([]).pool).toHaveProperty('undefined')
})
