/**
 * Standard errors of a Bradley-Terry fit: Huber's sandwich H^-1 (sum over clusters of g g') H^-1 (1967), its meat from the
 * counts per pair (every vote its own cluster) or from each worker's summed gradient; and the errors of centred scores.
 */
import type { BradleyTerry } from './bradley-terry.ts'
import type { PairLikelihood } from './tie-models.ts'
import { type PairCounts, type Votes, winner } from './votes.ts'

export interface Fit {
  result: BradleyTerry
  /** Position of each item among the unknowns, -1 where it has no finite maximum. */
  place: Int32Array
  /** Unknowns: scores, then the tie parameter where there is one. */
  size: number
  free: number
  eta: number
  likelihood: PairLikelihood
  bread: Float64Array
}

/** Covariance and errors of the centred scores from that of the unknowns. */
export function setErrors(result: BradleyTerry, place: Int32Array, covariance: Float64Array, size: number): void {
  const { component, se } = result
  const items = place.length
  const centred = new Float64Array(items * items)
  const members = new Map<number, number[]>()
  for (let i = 0; i < items; i++) {
    if (place[i]! < 0) continue
    const group = members.get(component[i]!)
    if (group) group.push(i)
    else members.set(component[i]!, [i])
  }
  // row means inside each group, then C V C with C = I - 1/n
  for (const a of members.values()) {
    for (const b of members.values()) {
      const cell = (i: number, j: number) => covariance[place[i]! * size + place[j]!]!
      const rowMean = a.map((i) => b.reduce((sum, j) => sum + cell(i, j), 0) / b.length)
      const columnMean = b.map((j) => a.reduce((sum, i) => sum + cell(i, j), 0) / a.length)
      const mean = rowMean.reduce((x, y) => x + y, 0) / a.length
      a.forEach((i, m) => {
        b.forEach((j, n) => {
          centred[i * items + j] = cell(i, j) - rowMean[m]! - columnMean[n]! + mean
        })
      })
    }
  }
  for (let i = 0; i < items; i++) se[i] = Math.sqrt(Math.max(centred[i * items + i]!, 0))
  result.covariance = centred
}

/** Gradient of one vote in (d, eta) at the fit, d from the first to the second item. */
function voteGradient({ likelihood, eta }: Fit, d: number, outcome: number): [number, number] {
  const [, inD, inEta] = likelihood(
    Number(outcome === winner.left),
    Number(outcome === winner.right),
    Number(outcome === winner.tie),
    d,
    eta,
  )
  return [inD, inEta]
}

/** Sum of g g' with every vote its own cluster, from the counts alone. */
export function pairMeat(pairs: PairCounts, fit: Fit): Float64Array {
  const { place, size, free, result } = fit
  const meat = new Float64Array(size * size)
  for (let p = 0; p < pairs.first.length; p++) {
    const i = place[pairs.first[p]!]!
    const j = place[pairs.second[p]!]!
    if (i < 0 || j < 0 || result.component[pairs.first[p]!] !== result.component[pairs.second[p]!]) continue
    const d = result.score[pairs.first[p]!]! - result.score[pairs.second[p]!]!
    const counts = [pairs.wins[p]!, pairs.losses[p]!, pairs.ties[p]!]
    counts.forEach((count, outcome) => {
      if (count === 0) return
      const [inD, inEta] = voteGradient(fit, d, outcome)
      meat[i * size + i]! += count * inD * inD
      meat[j * size + j]! += count * inD * inD
      meat[i * size + j]! -= count * inD * inD
      meat[j * size + i]! -= count * inD * inD
      if (size === free) return
      meat[free * size + free]! += count * inEta * inEta
      meat[i * size + free]! += count * inD * inEta
      meat[free * size + i]! += count * inD * inEta
      meat[j * size + free]! -= count * inD * inEta
      meat[free * size + j]! -= count * inD * inEta
    })
  }
  return meat
}

/** Sum over workers of g g', g a worker's summed gradient. */
export function workerMeat({ left, right, outcome, worker, workers = 0 }: Votes, fit: Fit): Float64Array {
  const { place, size, free, result } = fit
  const sums = new Float64Array(workers * size)
  for (let n = 0; n < left.length; n++) {
    const i = place[left[n]!]!
    const j = place[right[n]!]!
    if (i < 0 || j < 0 || result.component[left[n]!] !== result.component[right[n]!]) continue
    const [inD, inEta] = voteGradient(fit, result.score[left[n]!]! - result.score[right[n]!]!, outcome[n]!)
    const base = worker![n]! * size
    sums[base + i]! += inD
    sums[base + j]! -= inD
    if (size > free) sums[base + free]! += inEta
  }
  const meat = new Float64Array(size * size)
  for (let w = 0; w < workers; w++)
    for (let a = 0; a < size; a++) {
      const value = sums[w * size + a]!
      if (value === 0) continue
      for (let b = 0; b < size; b++) meat[a * size + b]! += value * sums[w * size + b]!
    }
  return meat
}
