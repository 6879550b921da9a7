import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clippedSurrogate } from './clipped.ts'
import { directPreference } from './dpo.ts'
import { groupAdvantages, groupRelative } from './grpo.ts'
import { adaptBeta, klOf, klSlopeOf, meanKl } from './kl.ts'
import { kahnemanTversky, referencePoint } from './kto.ts'
import { oddsRatio } from './orpo.ts'
import { generalisedAdvantages, proximal, tokenRewards, valueStep, whiten } from './ppo.ts'
import { bradleyTerry } from './reward.ts'
import { leaveOneOut, penalisedRewards, reinforceLeaveOneOut } from './rloo.ts'
import { bestOf, bestOfKl, rejectionSampled, softChoice, softProbabilities } from './selection.ts'
import { supervised } from './sft.ts'
import { ordered, sum } from './step.ts'

describe('hand-computed examples', () => {
  it('supervised: token mean over the batch, an empty response counts nothing', () => {
    const step = supervised([[-1, -3], [-2], []])
    expect(step.loss).toBeCloseTo(2, 12)
    expect([...step.coefficients]).toEqual([1 / 3, 1 / 3, 1 / 3])
    expect(supervised([[]])).toEqual({ loss: 0, coefficients: new Float64Array(1) })
  })

  it('Bradley-Terry: certain, tie, margin, weight, centring', () => {
    const sure = bradleyTerry([1], [0])
    expect(sure.loss).toBeCloseTo(0.313262, 6)
    expect(sure.chosen[0]).toBeCloseTo(0.268941, 6)
    expect(sure.rejected[0]).toBeCloseTo(-0.268941, 6)
    // a tie pulls the two together: -(log σ(1) + log σ(-1)) / 2 = 0.813262, pull 0.5 σ(-1) - 0.5 σ(1) = -0.231059
    const tie = bradleyTerry([1], [0], [{ label: 0.5 }])
    expect(tie.loss).toBeCloseTo(0.813262, 6)
    expect(tie.chosen[0]).toBeCloseTo(-0.231059, 6)
    // margin 1: -log σ(0) = log 2
    expect(bradleyTerry([1], [0], [{ margin: 1 }]).loss).toBeCloseTo(Math.LN2, 12)
    expect(bradleyTerry([1], [0], [{ weight: 3 }]).loss).toBeCloseTo(3 * 0.313262, 5)
    // λ (1 + 0)² = 0.01, and 2 λ (1 + 0) = 0.02 off both scores
    const centred = bradleyTerry([1], [0], [], 0.01)
    expect(centred.loss).toBeCloseTo(0.323262, 6)
    expect(centred.chosen[0]).toBeCloseTo(0.248941, 6)
    expect(ordered(bradleyTerry([1, 0, 2], [0, 1, 2]).differences)).toEqual({ right: 1.5, pairs: 3 })
  })

  it('DPO: sigmoid, smoothing, reference-free, IPO', () => {
    const policy = { chosen: [[-1]], rejected: [[-4]] }
    const reference = { chosen: [[-2]], rejected: [[-3]] }
    const step = directPreference(policy, reference)
    expect(step.loss).toBeCloseTo(0.598139, 6)
    expect(step.chosen[0]).toBeCloseTo(0.0450166, 7)
    expect(step.differences[0]).toBeCloseTo(0.2, 12)
    // 0.9 x 0.598139 + 0.1 x 0.798139
    expect(directPreference(policy, reference, { labelSmoothing: 0.1 }).loss).toBeCloseTo(0.618139, 6)
    // h = 3: -log σ(0.3)
    expect(directPreference(policy, reference, { referenceFree: true }).loss).toBeCloseTo(0.554355, 6)
    // (2 - 5)² = 9, slope -2 (2 - 5) = 6
    const ipo = directPreference(policy, reference, { loss: 'ipo' })
    expect([ipo.loss, ipo.chosen[0], ipo.rejected[0]]).toEqual([9, 6, -6])
  })

  it('KTO: both sides of the reference point', () => {
    const step = kahnemanTversky([[-1]], [[-2]], [true], 0)
    expect(step.loss).toBeCloseTo(0.475021, 6)
    expect(step.coefficients[0]).toBeCloseTo(0.0249376, 7)
    expect(referencePoint([[-1], [-2]], [[-4], [-1]])).toBe(1)
    expect(referencePoint([[-3]], [[-1]])).toBe(0)
    const heavy = kahnemanTversky([[-1]], [[-2]], [true], 0, {}, [3])
    expect(heavy.loss).toBeCloseTo(3 * step.loss, 12)
    expect(heavy.coefficients[0]).toBeCloseTo(3 * step.coefficients[0]!, 12)
    const other = kahnemanTversky([[-1]], [[-2]], [false], 2)
    // 1 - σ(0.1 (2 - 1)) again, pushed down
    expect(other.loss).toBeCloseTo(0.475021, 6)
    expect(other.coefficients[0]).toBeCloseTo(-0.0249376, 7)
  })

  it('ORPO: likelihood and odds', () => {
    const step = oddsRatio([[Math.log(0.5)]], [[Math.log(0.25)]], 1)
    expect(step.loss).toBeCloseTo(0.980829, 6)
    expect(step.chosen[0]).toBeCloseTo(1.5, 12)
    expect(step.rejected[0]).toBeCloseTo(-1 / 3, 12)
    // the other direction alone: log 4 - log(1 - 0.75) = 2.772589, c_chosen = -0.75 / 0.5, c_rejected = 1 + 0.75 / 0.75
    const turned = oddsRatio([[Math.log(0.5)]], [[Math.log(0.25)]], 1, [{ label: 0 }])
    expect(turned.loss).toBeCloseTo(2.772589, 6)
    expect([turned.chosen[0], turned.rejected[0]]).toEqual([expect.closeTo(-1.5, 12), expect.closeTo(2, 12)])
    // a tie of weight 2: twice the mean of both
    const tie = oddsRatio([[Math.log(0.5)]], [[Math.log(0.25)]], 1, [{ label: 0.5, weight: 2 }])
    expect(tie.loss).toBeCloseTo(0.980829 + 2.772589, 5)
    expect([tie.chosen[0], tie.rejected[0]]).toEqual([expect.closeTo(0, 12), expect.closeTo(5 / 3, 12)])
  })

  it('GRPO: advantages of a group', () => {
    expect([...groupAdvantages([1, 2, 3, 6], 4)].map((a) => +a.toFixed(6))).toEqual([-0.925777, -0.462889, 0, 1.388666])
    expect([...groupAdvantages([1, 3, 5, 5], 2, false)]).toEqual([-1, 1, 0, 0])
  })

  it('GRPO: three ways to average tokens', () => {
    const policy = [[-1, -1], [-1]]
    const coefficients = (average: 'sequence' | 'token' | 'constant') =>
      groupRelative({ policy, old: policy }, [1, -1], { average, maxTokens: 4 }).coefficients.map((c) => [...c])
    expect(coefficients('sequence')).toEqual([[1 / 4, 1 / 4], [-1 / 2]])
    expect(coefficients('token')).toEqual([[1 / 3, 1 / 3], [-1 / 3]])
    expect(coefficients('constant')).toEqual([[1 / 8, 1 / 8], [-1 / 8]])
  })

  it('clipping: a good token is not pushed beyond the bound, a bad one is still pushed back', () => {
    const rollouts = { policy: [[Math.log(0.3)]], old: [[Math.log(0.2)]] }
    const at = (advantage: number) =>
      clippedSurrogate(
        rollouts,
        () => advantage,
        () => 1,
        {},
      )
    expect(at(1).loss).toBeCloseTo(-1.2, 12)
    expect([...at(1).coefficients[0]]).toEqual([0])
    expect(at(1).clipped).toBe(1)
    expect(at(-1).loss).toBeCloseTo(1.5, 12)
    expect(at(-1).coefficients[0][0]).toBeCloseTo(-1.5, 12)
  })

  it('RLOO: leave-one-out baseline, divergence inside the reward', () => {
    expect([...leaveOneOut([1, 2, 6], 3)]).toEqual([-3, -1.5, 4.5])
    expect([...leaveOneOut([5], 1)]).toEqual([0])
    expect([...penalisedRewards([1], [[-1, -1]], [[-2, -1.5]], 0.1)]).toEqual([0.85])
  })

  it('PPO: token rewards, advantages, clipped value loss', () => {
    expect([...tokenRewards([-1, -1], [-2, -1], 3, 0.5)]).toEqual([-0.5, 3])
    const { advantages, returns } = generalisedAdvantages([0, 1], [0.5, 0.5])
    expect([...advantages]).toEqual([0.475, 0.5])
    expect([...returns]).toEqual([0.975, 1])
    // V = 1, return 0: 1/2 x 0.1 x 1 = 0.05, pulled down by 0.1
    const free = valueStep([[1]], [[1]], [[0]])
    expect([free.loss, free.coefficients[0][0]]).toEqual([0.05, -0.1])
    // moved 1 -> 0 towards the return 0, but only 0.2 of it may count: (0.8)² / 2 x 0.1, no gradient
    const held = valueStep([[0]], [[1]], [[0]])
    expect(held.loss).toBeCloseTo(0.032, 12)
    expect(held.coefficients[0][0]).toBe(0)
  })

  it('KL: three estimators and the controller', () => {
    const d = Math.log(0.5 / 0.25)
    expect(klOf(d, 'k1')).toBeCloseTo(Math.LN2, 12)
    expect(klOf(d, 'k2')).toBeCloseTo(0.240227, 6)
    expect(klOf(d, 'k3')).toBeCloseTo(0.193147, 6)
    expect(adaptBeta(0.1, 2, 1)).toBeCloseTo(0.102, 12)
    expect(adaptBeta(0.1, 0, 1)).toBeCloseTo(0.098, 12)
    expect(meanKl([[]], [[]])).toBe(0)
  })

  it('selection: best of n, soft resampling, rejection sampling', () => {
    expect(bestOf([1, 3, 2])).toBe(1)
    expect(bestOf([])).toBe(-1)
    expect([...softProbabilities([1, 3, 2], 1)].map((p) => +p.toFixed(6))).toEqual([0.090031, 0.665241, 0.244728])
    expect([0, 0.5, 0.999].map((u) => softChoice([1, 3, 2], 1, u))).toEqual([0, 1, 2])
    expect(rejectionSampled([1, 2, 9, 4], 2)).toEqual([1, 2])
    expect(bestOfKl(1)).toBe(0)
  })
})

const logp = fc.double({ min: -8, max: -0.01, noNaN: true })
const sequence = fc.array(logp, { minLength: 1, maxLength: 4 })
const nearby = fc.tuple(sequence, fc.double({ min: -0.15, max: 0.15, noNaN: true }))

/** The coefficient must be minus the slope of the loss, for every token. */
function expectSlope(
  lossOf: (logps: number[][]) => number,
  logps: number[][],
  coefficientOf: (i: number, t: number) => number,
) {
  const h = 1e-5
  logps.forEach((tokens, i) => {
    tokens.forEach((_, t) => {
      const moved = (by: number) => logps.map((s, j) => s.map((x, u) => (j === i && u === t ? x + by : x)))
      const slope = (lossOf(moved(h)) - lossOf(moved(-h))) / (2 * h)
      expect(Math.abs(coefficientOf(i, t) + slope)).toBeLessThan(2e-5 * Math.max(1, Math.abs(slope)))
    })
  })
}

describe('coefficients are minus the slope of the loss', () => {
  it('SFT', () => {
    fc.assert(
      fc.property(fc.array(sequence, { minLength: 1, maxLength: 3 }), (logps) => {
        const { coefficients } = supervised(logps)
        expectSlope(
          (x) => supervised(x).loss,
          logps,
          (i) => coefficients[i],
        )
      }),
      { numRuns: 30 },
    )
  })

  it('DPO and IPO, with soft labels and weights', () => {
    const settings = [{ beta: 0.3, labelSmoothing: 0.1 }, { beta: 0.5, loss: 'ipo' as const }, { referenceFree: true }]
    fc.assert(
      fc.property(
        sequence,
        sequence,
        sequence,
        fc.constantFrom(...settings),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (c, r, ref, setting, label) => {
          const reference = { chosen: [ref], rejected: [ref] }
          const at = (x: number[][]) =>
            directPreference({ chosen: [x[0]], rejected: [x[1]] }, reference, setting, [{ label, weight: 2 }])
          const step = at([c, r])
          expectSlope(
            (x) => at(x).loss,
            [c, r],
            (i) => (i ? step.rejected[0] : step.chosen[0]),
          )
        },
      ),
      { numRuns: 50 },
    )
  })

  it('KTO', () => {
    fc.assert(
      fc.property(sequence, sequence, (good, bad) => {
        const at = (x: number[][]) =>
          kahnemanTversky(x, [[-1], [-2]], [true, false], 0.5, { beta: 0.4, undesirableWeight: 1.3 })
        const { coefficients } = at([good, bad])
        expectSlope(
          (x) => at(x).loss,
          [good, bad],
          (i) => coefficients[i],
        )
      }),
      { numRuns: 30 },
    )
  })

  it('ORPO', () => {
    fc.assert(
      fc.property(sequence, sequence, fc.constantFrom(1, 0.8, 0.5, 0), (good, bad, label) => {
        const at = (x: number[][]) => oddsRatio([x[0]], [x[1]], 0.5, [{ label, weight: 2 }])
        const step = at([good, bad])
        expectSlope(
          (x) => at(x).loss,
          [good, bad],
          (i) => (i ? step.rejected[0] : step.chosen[0]),
        )
      }),
      { numRuns: 30 },
    )
  })

  it('GRPO, PPO and RLOO inside the clip range, each KL estimator', () => {
    fc.assert(
      fc.property(
        nearby,
        sequence,
        fc.constantFrom('k2' as const, 'k3' as const),
        ([old, shift], reference, estimator) => {
          const policy = [old.map((x) => x + shift)]
          const ref = [old.map((_, t) => reference[t % reference.length])]
          const at = (x: number[][]) =>
            groupRelative({ policy: x, old: [old], reference: ref }, [0.7], { beta: 0.2, estimator })
          const { coefficients } = at(policy)
          if (policy[0].every((x, t) => Math.abs(x - ref[0][t]) < 3))
            expectSlope(
              (x) => at(x).loss,
              policy,
              (i, t) => coefficients[i][t],
            )
          const ppo = (x: number[][]) => proximal({ policy: x, old: [old] }, [old.map(() => -0.3)])
          const step = ppo(policy)
          expectSlope(
            (x) => ppo(x).loss,
            policy,
            (i, t) => step.coefficients[i][t],
          )
          const rloo = (x: number[][]) => reinforceLeaveOneOut({ policy: x, old: [old] }, [-1.5])
          const once = rloo(policy)
          expectSlope(
            (x) => rloo(x).loss,
            policy,
            (i) => once.coefficients[i],
          )
        },
      ),
      { numRuns: 50 },
    )
  })

  it('Bradley-Terry scores', () => {
    const score = fc.double({ min: -4, max: 4, noNaN: true })
    fc.assert(
      fc.property(score, score, fc.double({ min: 0, max: 1, noNaN: true }), (c, r, label) => {
        const at = (x: number[][]) => bradleyTerry([x[0][0]], [x[1][0]], [{ label, margin: 0.5, weight: 1.5 }], 0.05)
        const step = at([[c], [r]])
        expectSlope(
          (x) => at(x).loss,
          [[c], [r]],
          (i) => (i ? step.rejected[0] : step.chosen[0]),
        )
      }),
      { numRuns: 50 },
    )
  })

  it('KL estimators', () => {
    for (const estimator of ['k1', 'k2', 'k3'] as const)
      for (const d of [-2, -0.1, 0, 0.4, 3])
        expect(klSlopeOf(d, estimator)).toBeCloseTo((klOf(d + 1e-6, estimator) - klOf(d - 1e-6, estimator)) / 2e-6, 5)
  })
})

describe('properties', () => {
  const rewards = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 4, maxLength: 4 })

  it('advantages sum to 0 in every group', () => {
    fc.assert(
      fc.property(rewards, rewards, (a, b) => {
        for (const advantages of [groupAdvantages([...a, ...b], 4), leaveOneOut([...a, ...b], 4)])
          for (const start of [0, 4]) expect(sum(advantages.subarray(start, start + 4))).toBeCloseTo(0, 6)
      }),
    )
  })

  it('a batch without advantage changes nothing', () => {
    fc.assert(
      fc.property(sequence, sequence, (policy, old) => {
        const length = Math.min(policy.length, old.length)
        const rollouts = { policy: [policy.slice(0, length)], old: [old.slice(0, length)] }
        expect([...groupRelative(rollouts, [0]).coefficients[0]].every((c) => Math.abs(c) === 0)).toBe(true)
        expect(Math.abs(reinforceLeaveOneOut(rollouts, [0]).coefficients[0])).toBe(0)
      }),
    )
  })

  it('swapping chosen and rejected flips the sign', () => {
    fc.assert(
      fc.property(sequence, sequence, (a, b) => {
        const still = { chosen: [[0]], rejected: [[0]] }
        const step = directPreference({ chosen: [a], rejected: [b] }, still, {}, [{ label: 0.8 }])
        const swapped = directPreference({ chosen: [b], rejected: [a] }, still, {}, [{ label: 0.2 }])
        expect(step.chosen[0]).toBeCloseTo(swapped.rejected[0], 12)
        expect(step.loss).toBeCloseTo(swapped.loss, 10)
        const scores = bradleyTerry([a[0]], [b[0]])
        expect(bradleyTerry([b[0]], [a[0]], [{ label: 0 }]).chosen[0]).toBeCloseTo(scores.rejected[0], 12)
      }),
    )
  })

  it('ever larger beta keeps the reference', () => {
    // gradient descent of a policy over three tokens, all of one group, on its expected GRPO loss
    const rewardOf = [1, 0, -1]
    const divergenceAt = (beta: number) => {
      const logits = [0, 0, 0]
      for (let step = 0; step < 2000; step++) {
        const total = sum(logits.map(Math.exp))
        const logps = logits.map((x) => x - Math.log(total))
        const reference = logps.map(() => Math.log(1 / 3))
        const slope = [0, 0, 0]
        logps.forEach((lp, k) => {
          const { coefficients } = groupRelative(
            { policy: [[lp]], old: [[lp]], reference: [[reference[k]]] },
            [rewardOf[k]],
            { beta, estimator: 'k2' },
          )
          for (let j = 0; j < 3; j++)
            slope[j] += Math.exp(lp) * coefficients[0][0] * ((j === k ? 1 : 0) - Math.exp(logps[j]))
        })
        for (let j = 0; j < 3; j++) logits[j] += (0.5 / (1 + beta)) * slope[j]
      }
      const total = sum(logits.map(Math.exp))
      return sum(logits.map((x) => (Math.exp(x) / total) * (x - Math.log(total) - Math.log(1 / 3))))
    }
    const [weak, middle, strong] = [0.5, 5, 500].map(divergenceAt)
    expect(weak).toBeGreaterThan(middle)
    expect(middle).toBeGreaterThan(strong)
    expect(strong).toBeLessThan(1e-5)
  })

  it('k3 is never negative and unbiased as k1', () => {
    const [p, q] = [
      [0.5, 0.3, 0.2],
      [0.2, 0.3, 0.5],
    ]
    const expected = sum(p.map((x, i) => x * Math.log(x / q[i])))
    for (const estimator of ['k1', 'k3'] as const)
      expect(sum(p.map((x, i) => x * klOf(Math.log(x / q[i]), estimator)))).toBeCloseTo(expected, 12)
    fc.assert(fc.property(fc.double({ min: -20, max: 20, noNaN: true }), (d) => klOf(d, 'k3') >= 0))
  })

  it('whitened advantages have mean 0 and deviation 1', () => {
    const advantages = [Float64Array.of(1, 2), Float64Array.of(6)]
    whiten(advantages)
    expect(sum(advantages.flatMap((a) => [...a]))).toBeCloseTo(0, 10)
  })
})
