/** Votes for the tests of this folder: written out, or drawn from a model. */
import { createRandom } from '../random.ts'
import { outcomeProbabilities, type TieModel } from './tie-models.ts'
import { type Votes, winner } from './votes.ts'

export type Vote = [left: number, right: number, outcome: number, worker?: number]
export const votesOf = (items: number, votes: readonly Vote[], workers?: number): Votes => ({
  items,
  left: Int32Array.from(votes, ([left]) => left),
  right: Int32Array.from(votes, ([, right]) => right),
  outcome: Int8Array.from(votes, ([, , outcome]) => outcome),
  worker: workers === undefined ? undefined : Int32Array.from(votes, ([, , , worker]) => worker ?? 0),
  workers,
})
export const times = (n: number, vote: Vote): Vote[] => Array.from({ length: n }, () => vote)
export const tieModels: TieModel[] = ['half', 'davidson', 'rao-kupper']
export const largest = (values: Iterable<number>) => Math.max(0, ...Array.from(values, Math.abs))

export interface Sim {
  seed: number
  scores: number[]
  n: number
  workers?: { look: number; left: number }[]
  tie?: number
}
/** Votes drawn from Davidson's model, each worker looking or answering by side. */
export function simulate({ seed, scores, n, workers = [{ look: 1, left: 0.5 }], tie = 0 }: Sim): {
  votes: Vote[]
  flipped: boolean[]
} {
  const random = createRandom(seed)
  const flipped: boolean[] = []
  const votes = Array.from({ length: n }, (): Vote => {
    const left = random.integer(scores.length)
    const right = (left + 1 + random.integer(scores.length - 1)) % scores.length
    const w = random.integer(workers.length)
    const [win, lose] = outcomeProbabilities(
      tie > 0 ? 'davidson' : 'half',
      scores[left]! - scores[right]!,
      Math.log(tie || 1),
    )
    const u = random.next()
    const deserved = u < win ? winner.left : u < win + lose ? winner.right : winner.tie
    const looks = random.next() < workers[w]!.look
    const answer = looks ? deserved : random.next() < workers[w]!.left ? winner.left : winner.right
    flipped.push(answer !== deserved)
    return [left, right, answer, w]
  })
  return { votes, flipped }
}
