/**
 * What the choice was worth in a project: two models learn, one from answers to chosen tasks, one from as many answers to
 * tasks that came as they arrived, and both name the winners of further answers that came as they arrived.
 */

import { pairedBootstrap } from '../../stats/evaluation/paired-bootstrap.ts'
import { finish } from '../../stats/resampling.ts'
import type { Sparse } from '../reward/features.ts'
import { learn, newModel, predict, type RewardModel } from '../reward/model.ts'
import type { Choice } from './contract.ts'

/** A decided answer: 1 the first was preferred, 0 the second. */
export interface Answered {
  pair: Sparse
  outcome: number
}

/** With fewer, an interval would be wider than anything that could be gained. */
const least = 30
/** More would cost more than they tell. */
export const most = 300

const taught = (answers: readonly Answered[]): RewardModel => {
  const model = newModel()
  for (const { pair, outcome } of answers) learn(model, pair, outcome)
  return model
}

const right = (model: RewardModel, { pair, outcome }: Answered): number => {
  const { probability } = predict(model, pair)
  return probability === 0.5 ? 0.5 : Number(probability > 0.5 === outcome > 0.5)
}

/** Both in the order in which they were given. */
export function gainOf(chosen: readonly Answered[], arrival: readonly Answered[]): Choice['gain'] {
  const learned = Math.min(most, chosen.length, Math.floor(arrival.length / 2))
  const tried = arrival.slice(learned, learned + 2 * most)
  if (learned < least)
    return {
      undefined: `${least} chosen answers and ${2 * least} that came as they arrived are needed; there are ${chosen.length} and ${arrival.length}`,
    }
  const [a, b] = [taught(chosen.slice(0, learned)), taught(arrival.slice(0, learned))]
  const [first, second] = [a, b].map((model) => tried.map((answer) => right(model, answer)))
  const compared = finish(pairedBootstrap(first!, second!, { seed: 1, resamples: 1000 }))
  if ('undefined' in compared) return compared
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const { difference, low, high } = compared
  return { chosen: mean(first!), arrival: mean(second!), difference, low, high, learned, tried: tried.length }
}
