import { expect, it } from 'vitest'
import { createRandom } from '../../stats/random.ts'
import { groupBiasOf } from './groups.ts'
import type { LabelRow } from './rules.ts'

/** Twelve people; half of them see a share `apart` of the tasks the other way round. */
function course(seed: number, apart: number): LabelRow[] {
  const random = createRandom(seed)
  return Array.from({ length: 150 }, (_, i) => {
    const truth = random.integer(2)
    const split = random.next() < apart
    return [0, 1, 2, 3].map((n): LabelRow => {
      const person = (i * 5 + n * 3) % 12
      const view = split && person % 2 ? 1 - truth : truth
      const label = random.next() < 0.9 ? view : 1 - view
      const [own, mirrored] = label ? ['second', 'first'] : ['first', 'second']
      return {
        item: `${i}`,
        person: `p${person}`,
        step: 'compare',
        attribute: 'preference',
        label: own!,
        mirrored: mirrored!,
        task: `${i}`,
        at: new Date(0),
      }
    })
  }).flat()
}
const skills = new Map(
  Array.from({ length: 12 }, (_, person) => [
    `p${person}`,
    [person % 2 ? 'nurse' : 'teacher', ...(person < 2 ? ['rare'] : [])],
  ]),
)

it('finds two groups with views of their own', () => {
  const found = groupBiasOf(course(1, 0.5), skills)
  expect(found.map(({ skill, people, others }) => [skill, people, others])).toEqual([
    ['nurse', 6, 6],
    ['rare', 2, 10],
    ['teacher', 6, 6],
  ])
  for (const { skill, result } of found) {
    if (skill === 'rare') {
      expect(result).toEqual({ undefined: '2 raters; at least 5 are needed' })
      continue
    }
    if ('undefined' in result) throw new Error(result.undefined)
    expect(result.crossGroup.adjusted).toBeLessThan(0.05)
    expect(result.crossGroup.value).toBeLessThan(result.crossGroup.expected)
    expect(result.inGroup.value).toBeGreaterThan(result.crossGroup.value)
  }
})

it('says of people who are alike that they are, in nineteen courses of twenty', () => {
  let wrong = 0
  for (let seed = 0; seed < 20; seed++)
    wrong += Number(
      groupBiasOf(course(seed, 0), skills).some(
        ({ result }) =>
          !('undefined' in result) && (result.inGroup.adjusted < 0.05 || result.crossGroup.adjusted < 0.05),
      ),
    )
  expect(wrong).toBeLessThanOrEqual(3)
})

it('has nothing to say where nobody carries a skill, or nobody shares a task', () => {
  expect(groupBiasOf(course(1, 0.5), new Map())).toEqual([])
  expect(groupBiasOf([], skills)).toEqual([])
})
