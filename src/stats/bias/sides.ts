/**
 * Position bias: does a worker, or the pool, choose one side of the screen more often than the other? Sides are drawn at
 * random, so that without bias each decided vote falls on the left with chance 1/2, whatever the responses are: the exact
 * binomial test of `share.ts` needs no model. Ties say nothing about sides and are left out.
 *
 * Worked example: 60 of 100 decided votes on the left: share 0.60 (0.497 to 0.697), p = 0.057.
 */
import { benjaminiHochberg, type ShareTest, testShare } from '../share.ts'

export interface SideVotes {
  /** Number of the worker of each vote, from 0. */
  worker: Int32Array
  /** Side of the screen that was chosen: -1 left, 1 right, 0 neither. */
  side: ArrayLike<number>
  workers: number
}

export type WorkerShare = (ShareTest & { adjusted: number }) | { undefined: string }

export interface ShareBias {
  pool: ShareTest | { undefined: string }
  /** By worker number; `adjusted` is the p after Benjamini and Hochberg over the workers tested. */
  workers: WorkerShare[]
}

/** Share of the left side, for the pool and each worker with at least `minimum` decided votes. */
export function sideBias({ worker, side, workers }: SideVotes, minimum = 10): ShareBias {
  const left = new Float64Array(workers)
  const decided = new Float64Array(workers)
  for (let i = 0; i < worker.length; i++) {
    if (side[i] === 0) continue
    decided[worker[i]!]! += 1
    if (side[i]! < 0) left[worker[i]!]! += 1
  }
  return sharesOf(left, decided, minimum)
}

/** Exact tests of `hits[w]` of `trials[w]` against 1/2, pooled and per worker. */
function sharesOf(hits: Float64Array, trials: Float64Array, minimum: number): ShareBias {
  let allHits = 0
  let all = 0
  const tests = Array.from(hits, (own, w) => {
    allHits += own
    all += trials[w]!
    return trials[w]! >= minimum ? testShare(own, trials[w]!) : undefined
  })
  const adjusted = benjaminiHochberg(tests.flatMap((test) => (test ? [test.p] : [])))
  let next = 0
  return {
    pool: all > 0 ? testShare(allHits, all) : { undefined: 'there is no decided vote' },
    workers: tests.map((test, w) =>
      test
        ? { ...test, adjusted: adjusted[next++]! }
        : { undefined: `${trials[w]} decided votes; at least ${minimum} are needed` },
    ),
  }
}
