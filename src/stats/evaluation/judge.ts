/**
 * How good is a judge (a model that labels in the place of people)?
 *
 * Against human labels: sensitivity (share of the human's yes that the judge calls yes) and specificity (share of the no), with
 * Wilson's intervals; the true share of yes among items that the judge alone labelled, after Rogan and Gladen (1978):
 * (judged + specificity - 1) / (sensitivity + specificity - 1).
 * Its interval after Lang and Reiczigel (2014, doi 10.1016/j.prevetmed.2013.09.015): the delta method with one label more each way
 * in sensitivity and specificity, z^2 / 2 more each way in the judged share, and the middle moved by
 * 2 z^2 (share Var(sensitivity) - (1 - share) Var(specificity)). A judge who made no error in five labels is not taken for perfect.
 * Against itself: judged in both orders, does it keep its verdict? Consistency counts a pair of verdicts for the same response
 * (or two ties); where they part, an unbiased judge names the first side as often as the second: exact binomial test.
 *
 * Worked example: 40 of 50 yes and 45 of 50 no found: sensitivity 0.8, specificity 0.9; 38 of 100 others judged yes:
 * (0.38 - 0.1) / 0.7 = 0.4. Interval: 41/52, 46/52 and 0.3844 give 0.3997, moved by 0.0008: 0.2283 to 0.5728.
 */
import { normalQuantile } from '../distributions.ts'
import { type ShareTest, testShare, wilson } from '../share.ts'

export interface Share {
  estimate: number
  low: number
  high: number
  n: number
}

export interface JudgeAccuracy {
  sensitivity: Share | { undefined: string }
  specificity: Share | { undefined: string }
  accuracy: Share
  /** Share of yes among the items with the judge's label alone, corrected for its errors. */
  corrected?: { estimate: number; low: number; high: number; judged: number } | { undefined: string }
}

const shareOf = (hits: number, n: number, confidence: number): Share => {
  const [low, high] = wilson(hits / n, n, confidence)
  return { estimate: hits / n, low, high, n }
}

/**
 * @param human 1 yes, 0 no
 * @param judge the judge's label of the same items
 * @param others the judge's labels of items without a human one
 */
export function judgeAccuracy(
  human: ArrayLike<number>,
  judge: ArrayLike<number>,
  others?: ArrayLike<number>,
  confidence = 0.95,
): JudgeAccuracy | { undefined: string } {
  if (human.length === 0) return { undefined: 'there is no human label' }
  let [yes, foundYes, foundNo] = [0, 0, 0]
  for (let i = 0; i < human.length; i++) {
    if (human[i] === 1) yes++
    if (human[i] === 1 && judge[i] === 1) foundYes++
    if (human[i] === 0 && judge[i] === 0) foundNo++
  }
  const no = human.length - yes
  return {
    sensitivity: yes > 0 ? shareOf(foundYes, yes, confidence) : { undefined: 'no human label is a yes' },
    specificity: no > 0 ? shareOf(foundNo, no, confidence) : { undefined: 'no human label is a no' },
    accuracy: shareOf(foundYes + foundNo, human.length, confidence),
    ...(others && others.length > 0 ? { corrected: corrected(foundYes, yes, foundNo, no, others, confidence) } : {}),
  }
}

function corrected(
  foundYes: number,
  yes: number,
  foundNo: number,
  no: number,
  others: ArrayLike<number>,
  confidence: number,
) {
  if (yes === 0 || no === 0) return { undefined: 'the human labels hold one answer only' }
  const informed = foundYes / yes + foundNo / no - 1
  const z = normalQuantile(0.5 + confidence / 2)
  const sensitivity = smoothed(foundYes, yes, 1)
  const specificity = smoothed(foundNo, no, 1)
  const smoothInformed = sensitivity.share + specificity.share - 1
  if (Math.min(informed, smoothInformed) <= 0.05)
    return {
      undefined: 'the judge does hardly better than chance, as far as the labels tell; its share cannot be corrected',
    }
  let hits = 0
  for (let i = 0; i < others.length; i++) hits += others[i]!
  const estimate = clip((hits / others.length + foundNo / no - 1) / informed)
  const judged = smoothed(hits, others.length, (z * z) / 2)
  const share = (judged.share + specificity.share - 1) / smoothInformed
  const middle = share + 2 * z * z * (share * sensitivity.variance - (1 - share) * specificity.variance)
  const variance = judged.variance + share ** 2 * sensitivity.variance + (1 - share) ** 2 * specificity.variance
  const reach = (z * Math.sqrt(variance)) / smoothInformed
  return {
    estimate,
    // The move is made for the coverage alone and may, once in a thousand, pass the estimate.
    low: Math.min(estimate, clip(middle - reach)),
    high: Math.max(estimate, clip(middle + reach)),
    judged: hits / others.length,
  }
}

const clip = (share: number) => Math.min(1, Math.max(0, share))

/** A share with so many hits and misses more, and its variance. */
function smoothed(hits: number, n: number, more: number) {
  const share = (hits + more) / (n + 2 * more)
  return { share, variance: (share * (1 - share)) / (n + 2 * more) }
}

export interface PositionConsistency {
  consistent: Share
  /** Where the verdicts part: how often the first side was named, against one half. */
  firstSide: ShareTest | { undefined: string }
}

/**
 * The same pairs judged in both orders.
 * @param original 1 the first response was named, -1 the second, 0 a tie
 * @param swapped verdicts with the responses exchanged: 1 names the side shown first, which is the other response
 */
export function positionConsistency(
  original: ArrayLike<number>,
  swapped: ArrayLike<number>,
  confidence = 0.95,
): PositionConsistency | { undefined: string } {
  if (original.length === 0) return { undefined: 'there is no pair judged in both orders' }
  let [same, first, split] = [0, 0, 0]
  for (let i = 0; i < original.length; i++) {
    if (original[i] === -swapped[i]!) same++
    else if (original[i] === swapped[i]) {
      split++
      if (original[i] === 1) first++
    } else {
      // One verdict is a tie: the other one names a side that the tie does not confirm.
      split++
      if (original[i]! + swapped[i]! === 1) first++
    }
  }
  return {
    consistent: shareOf(same, original.length, confidence),
    firstSide: split > 0 ? testShare(first, split, 0.5, confidence) : { undefined: 'the verdicts never part' },
  }
}
