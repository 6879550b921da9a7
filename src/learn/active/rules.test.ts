import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sigmoid } from '../../stats/sigmoid.ts'
import { learn, newModel, predict } from '../reward/model.ts'
import { commonFeatures, commonnessOf, disagreementOf, informationOf, nextOf, pairOf, scoreOf } from './rules.ts'

describe('information', () => {
  it('is that of the worked example', () => {
    const probability = 0.5
    expect(informationOf({ logit: 0, variance: 1, probability })).toBeCloseTo(0.1427, 4)
  })

  it('is near the integral that it stands for, and never below 0', () => {
    const entropy = (p: number) => -(p * Math.log2(p) + (1 - p) * Math.log2(1 - p))
    for (const logit of [-2, 0, 0.5, 3])
      for (const variance of [0.1, 1, 4, 8]) {
        let [mean, mass, expected] = [0, 0, 0]
        for (let z = -6; z <= 6; z += 0.01) {
          const weight = Math.exp((-z * z) / 2)
          const p = sigmoid(logit + z * Math.sqrt(variance))
          mean += weight * p
          expected += weight * entropy(p)
          mass += weight
        }
        const exact = entropy(mean / mass) - expected / mass
        const probability = sigmoid(logit / Math.sqrt(1 + (Math.PI * variance) / 8))
        const told = informationOf({ logit, variance, probability })
        expect(told).toBeGreaterThanOrEqual(0)
        expect(Math.abs(told - exact)).toBeLessThan(0.1)
      }
  })

  it('falls as what is like a pair is judged: novelty is part of it', () => {
    const model = newModel()
    const pair = pairOf('a warm and friendly answer', 'no')
    const before = informationOf(predict(model, pair))
    for (let i = 0; i < 20; i++) learn(model, pair, i % 2)
    expect(informationOf(predict(model, pair))).toBeLessThan(before / 2)
  })
})

it('commonness is higher for what many pairs have', () => {
  const usual = pairOf('thank you for asking', 'go away')
  const rare = pairOf('xylophone quartz', 'zephyr jukebox')
  const common = commonFeatures([usual, usual, usual, rare])
  expect(commonnessOf(usual, common)).toBeGreaterThan(2 * commonnessOf(rare, common))
})

it('disagreement goes by the share of the most frequent answer', () => {
  expect(disagreementOf({})).toBe(0)
  expect(disagreementOf({ first: 2 })).toBe(0)
  expect(disagreementOf({ first: 1, second: 1 })).toBe(0.5)
})

it('divided people raise a score, and equal texts have none', () => {
  const pair = pairOf('thank you', 'go away')
  const common = commonFeatures([pair])
  expect(scoreOf(newModel(), pair, common, 0.5)).toBeCloseTo(1.5 * scoreOf(newModel(), pair, common, 0), 10)
  expect(scoreOf(newModel(), pairOf('the same', 'the same'), common, 0)).toBe(0)
  expect(scoreOf(newModel(), pairOf('', ''), common, 0)).toBe(0)
})

const scores = fc.array(fc.option(fc.float({ min: 0, max: 1, noNaN: true }), { freq: 5 }), { maxLength: 50 })

it('takes each at most once, a share as they came, the rest by score', () => {
  fc.assert(
    fc.property(
      scores,
      fc.integer({ min: 1, max: 30 }),
      fc.float({ min: 0, max: 1, noNaN: true }),
      (all, size, share) => {
        const waiting = all.map((_, i) => i)
        const next = nextOf(waiting, all, size, share)
        const taken = new Set(next.map(({ item }) => item))
        expect(taken.size).toBe(next.length)
        const arrival = next.filter(({ arm }) => arm === 'arrival').map(({ item }) => item)
        expect(arrival).toEqual(waiting.slice(0, arrival.length))
        const chosen = next.filter(({ arm }) => arm === 'chosen')
        expect(chosen.every(({ item }) => all[item] !== null)).toBe(true)
        const left = waiting.filter((i) => !taken.has(i) && all[i] !== null)
        if (left.length) expect(next.length).toBe(size)
        for (const { score } of chosen) for (const i of left) expect(score).toBeGreaterThanOrEqual(all[i]!)
      },
    ),
  )
})

it('spreads what came as it arrived evenly between what was chosen', () => {
  const next = nextOf(
    ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'],
    [0, 9, 8, 7, 6, 5, 4, 3, null, 1, 2],
    10,
    0.2,
  )
  expect(next.map(({ item, arm }) => (arm === 'arrival' ? item.toUpperCase() : item)).join('')).toBe('cdefAghkjB')
})
