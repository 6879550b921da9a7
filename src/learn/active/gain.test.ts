import { expect, it } from 'vitest'
import { createRandom } from '../../stats/random.ts'
import { gainOf } from './gain.ts'
import { pairOf } from './rules.ts'

const random = createRandom(4)
const answers = (n: number, words: string[]) =>
  Array.from({ length: n }, () => {
    const word = () => words[random.integer(words.length)]!
    const [good, bad] = [`good ${word()} ${word()}`, `bad ${word()} ${word()}`]
    const outcome = random.integer(2)
    return { pair: outcome ? pairOf(good, bad) : pairOf(bad, good), outcome }
  })

it('is found where chosen answers teach what the others ask', () => {
  const silent = Array.from({ length: 60 }, (_, i) => ({ pair: pairOf(`a${i}`, `b${i}`), outcome: i % 2 }))
  const asked = answers(120, ['x', 'y', 'z'])
  expect(gainOf(answers(60, ['x', 'y', 'z']), [...silent, ...asked])).toMatchObject({
    chosen: 1,
    difference: expect.closeTo(0.5, 1),
    learned: 60,
    tried: 120,
  })
})

it('is near zero where both are of a kind, and its interval says so', () => {
  const gain = gainOf(answers(200, ['x', 'y']), answers(400, ['x', 'y']))
  if ('undefined' in gain) throw new Error(gain.undefined)
  expect(gain.low).toBeLessThanOrEqual(0)
  expect(gain.high).toBeGreaterThanOrEqual(0)
  expect(gain).toMatchObject({ learned: 200, tried: 200 })
})

it('says what is needed where there is too little', () => {
  expect(gainOf(answers(29, ['x']), answers(100, ['x']))).toHaveProperty('undefined')
  expect(gainOf([], [])).toHaveProperty('undefined')
})
