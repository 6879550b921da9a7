/**
 * Truth inference as answers come: one local step of IBCC (`truth/ibcc.ts`). A new answer touches one item: its share is taken
 * out of its workers' counts, its posterior is computed anew from counts that no longer contain it, and its share is put back.
 * Sums of digammas as in the batch form; cost grows with the answers on that item alone. Other items keep the posterior that
 * they had when they were last touched: what is missing is drift, which a batch pass removes.
 *
 * Worked example: the first answer, class 0 of 2 (prior 4 and 1, classes 1): log odds psi(4) - psi(1) = 1.8333, q = .8622.
 */
import { digamma } from '../distributions.ts'
import { float64, int8 } from './columns.ts'

export type Crowd = ReturnType<typeof createCrowd>

const crowdPrior = { diagonal: 4, offDiagonal: 1, class: 1 } as const

export function createCrowd(classes: number) {
  const square = classes * classes
  /** items x classes; and whether an item has a posterior at all. */
  const posterior = float64()
  const known = int8()
  /** workers x answered x true, prior included; and the sum over what was answered, workers x true. */
  const counts = float64()
  const totals = float64()
  const nu = float64()
  nu.reach(classes)
  nu.values.fill(crowdPrior.class)
  const sum = new Float64Array(classes)

  function reachItem(item: number): void {
    posterior.reach((item + 1) * classes)
    known.reach(item + 1)
  }

  function reachWorker(worker: number): void {
    const from = counts.length / square
    if (worker < from) return
    counts.reach((worker + 1) * square)
    totals.reach((worker + 1) * classes)
    for (let w = from; w <= worker; w++) {
      for (let l = 0; l < classes; l++)
        for (let k = 0; k < classes; k++)
          counts.values[w * square + l * classes + k] = k === l ? crowdPrior.diagonal : crowdPrior.offDiagonal
      totals.values.fill(crowdPrior.diagonal + (classes - 1) * crowdPrior.offDiagonal, w * classes, (w + 1) * classes)
    }
  }

  function spread(item: number, worker: number, label: number, sign: 1 | -1): void {
    const base = worker * square + label * classes
    for (let k = 0; k < classes; k++) {
      const q = sign * posterior.values[item * classes + k]!
      counts.values[base + k]! += q
      totals.values[worker * classes + k]! += q
    }
  }

  /** `earlier`: the item's answers before this one, as worker and label in turn. */
  function step(item: number, worker: number, label: number, earlier: readonly number[]): void {
    reachItem(item)
    reachWorker(worker)
    const q = item * classes
    if (known.values[item]) {
      for (let n = 0; n < earlier.length; n += 2) spread(item, earlier[n]!, earlier[n + 1]!, -1)
      for (let k = 0; k < classes; k++) nu.values[k]! -= posterior.values[q + k]!
    }
    for (let k = 0; k < classes; k++) sum[k] = digamma(nu.values[k]!)
    addAnswer(worker, label)
    for (let n = 0; n < earlier.length; n += 2) addAnswer(earlier[n]!, earlier[n + 1]!)
    let top = sum[0]!
    for (let k = 1; k < classes; k++) top = Math.max(top, sum[k]!)
    let total = 0
    for (let k = 0; k < classes; k++) total += sum[k] = Math.exp(sum[k]! - top)
    for (let k = 0; k < classes; k++) {
      posterior.values[q + k] = sum[k]! / total
      nu.values[k]! += sum[k]! / total
    }
    known.values[item] = 1
    spread(item, worker, label, 1)
    for (let n = 0; n < earlier.length; n += 2) spread(item, earlier[n]!, earlier[n + 1]!, 1)
  }

  function addAnswer(worker: number, label: number): void {
    const base = worker * square + label * classes
    for (let k = 0; k < classes; k++)
      sum[k]! += digamma(counts.values[base + k]!) - digamma(totals.values[worker * classes + k]!)
  }

  /** Puts a batch result in place: `batch` is items x classes; `answers` names every answer in force. */
  function replace(
    batch: Float64Array,
    answered: Int8Array,
    answers: Iterable<readonly [item: number, worker: number, label: number]>,
  ): void {
    posterior.set(batch)
    known.set(answered)
    const workers = counts.length / square
    counts.length = 0
    totals.length = 0
    reachWorker(workers - 1)
    nu.values.fill(crowdPrior.class)
    for (let n = 0; n < batch.length; n++) if (answered[Math.floor(n / classes)]) nu.values[n % classes]! += batch[n]!
    for (const [item, worker, label] of answers) spread(item, worker, label, 1)
  }

  return { posterior, known, counts, totals, nu, reachItem, reachWorker, step, replace }
}
