/**
 * Elo, "The Rating of Chessplayers, Past and Present" (1978): after every vote both ratings move by K times (result - expected).
 * A running view for live tables; it depends on the order of the votes and has no interval. Scores here are on the log scale
 * of Bradley-Terry; `rating` gives the usual one, 1000 + 400 / ln 10 times the score.
 *
 * K = 4 suits tables of models with hundreds of votes each (Evalica and LMSYS use it); chess uses 10 to 40.
 *
 * Worked example: both at 0, K = 4 points, the left one wins: expected 1/2, ratings 1002 and 998.
 */
import { sigmoid } from '../sigmoid.ts'
import { type Outcome, type Votes, winner } from './votes.ts'

const scale = 400 / Math.LN10
export const rating = (score: number): number => 1000 + scale * score

/** One vote, in place. `step` is K in points of the usual scale. */
export function eloUpdate(score: Float64Array, left: number, right: number, outcome: Outcome, step = 4): void {
  const result = outcome === winner.tie ? 0.5 : Number(outcome === winner.left)
  const move = (step / scale) * (result - sigmoid(score[left]! - score[right]!))
  score[left]! += move
  score[right]! -= move
}

/** All votes in their order, from equal ratings. */
export function elo(votes: Votes, step = 4): Float64Array {
  const score = new Float64Array(votes.items)
  for (let n = 0; n < votes.left.length; n++)
    eloUpdate(score, votes.left[n]!, votes.right[n]!, votes.outcome[n] as Outcome, step)
  return score
}
