/**
 * How good is a judge (a model that labels in the place of people)?
 *
 * Against human labels: sensitivity (share of the human's yes that the judge calls yes) and specificity (share of the no), with
 * Wilson's intervals; the true share of yes among items that the judge alone labelled, after Rogan and Gladen (1978):
 * (judged + specificity - 1) / (sensitivity + specificity - 1), interval by the delta method.
 * Against itself: judged in both orders, does it keep its verdict? Consistency counts a pair of verdicts for the same response
 * (or two ties); where they part, an unbiased judge names the first side as often as the second: exact binomial test.
 *
 * Worked example: 40 of 50 yes and 45 of 50 no found: sensitivity 0.8, specificity 0.9; 38 of 100 others judged yes:
 * (0.38 - 0.1) / 0.7 = 0.4.
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
  const sensitivity = foundYes / yes
  const specificity = foundNo / no
  const informed = sensitivity + specificity - 1
  if (informed <= 0.05) return { undefined: 'the judge does hardly better than chance; its share cannot be corrected' }
  let judged = 0
  for (let i = 0; i < others.length; i++) judged += others[i]! / others.length
  const estimate = (judged + specificity - 1) / informed
  const variance =
    (judged * (1 - judged)) / others.length +
    (estimate * estimate * sensitivity * (1 - sensitivity)) / yes +
    ((1 - estimate) ** 2 * specificity * (1 - specificity)) / no
  const reach = (normalQuantile(0.5 + confidence / 2) * Math.sqrt(variance)) / informed
  return {
    estimate: Math.min(1, Math.max(0, estimate)),
    low: Math.max(0, estimate - reach),
    high: Math.min(1, estimate + reach),
    judged,
  }
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
