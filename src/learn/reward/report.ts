/** What the record of predictions comes to: shares with intervals, their course, and calibration. */
import { calibration } from '../../stats/evaluation/calibration.ts'
import { estimateShare } from '../../stats/share.ts'
import type { CurvePoint, RewardState } from './contract.ts'
import type { Stretch } from './read.ts'

const rules = ['model', 'longer', 'side'] as const

const total = (stretches: readonly Stretch[]): Stretch =>
  stretches.reduce(
    (sum, stretch) => ({
      n: sum.n + stretch.n,
      model: sum.model + stretch.model,
      longer: sum.longer + stretch.longer,
      side: sum.side + stretch.side,
      modelLoss: sum.modelLoss + stretch.modelLoss,
      longerLoss: sum.longerLoss + stretch.longerLoss,
      sideLoss: sum.sideLoss + stretch.sideLoss,
    }),
    { n: 0, model: 0, longer: 0, side: 0, modelLoss: 0, longerLoss: 0, sideLoss: 0 },
  )

const undecided = { undefined: 'no pair was decided yet' }

export function accuracyOf(stretches: readonly Stretch[]): Pick<RewardState, 'accuracy' | 'logLoss'> {
  const sum = total(stretches)
  const { n } = sum
  const shareBy = (rule: (typeof rules)[number]) => (n ? estimateShare(sum[rule] / n, n) : undecided)
  const lossBy = (rule: (typeof rules)[number]) => (n ? { value: sum[`${rule}Loss`] / n, n } : undecided)
  return {
    accuracy: { model: shareBy('model'), longer: shareBy('longer'), side: shareBy('side') },
    logLoss: { model: lossBy('model'), longer: lossBy('longer'), side: lossBy('side') },
  }
}

/** Shares over everything up to the end of each stretch. */
export const curveOf = (stretches: readonly Stretch[]): CurvePoint[] =>
  stretches.map((_, i) => {
    const { n, model, longer, side } = total(stretches.slice(0, i + 1))
    const shareOf = (hits: number) => {
      const { n: _, ...share } = estimateShare(hits / n, n)
      return share
    }
    return { pairs: n, model: shareOf(model), longer: shareOf(longer), side: shareOf(side) }
  })

const bins = 10

export function calibrationOf(
  predictions: readonly { predicted: number; outcome: number }[],
): RewardState['calibration'] {
  const result = calibration(
    predictions.map(({ predicted }) => predicted),
    predictions.map(({ outcome }) => outcome),
    bins,
  )
  if ('undefined' in result) return { undefined: result.undefined }
  return {
    bins: result.bins.map(({ meanProbability, share, low, high, n }) => ({
      predicted: meanProbability,
      value: share,
      low,
      high,
      n,
    })),
    error: result.debiasedRmsce,
    n: result.n,
  }
}

/** The log-odds behind a moderated probability (`model.ts`). */
export const logOdds = (probability: number, deviation: number): number =>
  Math.log(probability / (1 - probability)) * Math.sqrt(1 + (Math.PI * deviation ** 2) / 8)
