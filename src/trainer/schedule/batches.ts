/**
 * Which rows make up a step: a function of seed, epoch and lengths alone, so that a resumed run sees the same batches.
 * Rows are shuffled, then sorted by length within windows of a few batches, so that rows of one batch are about equally
 * long and little of a batch is padding; the batches of a window are shuffled again. The last batch of an epoch may be
 * smaller: no row is left out.
 */
import { randomOf } from '../random.ts'

const batchesPerWindow = 8

function epochOf(lengths: readonly number[], batchSize: number, seed: number, epoch: number): number[][] {
  const random = randomOf(seed, 100 + epoch)
  const order = random.shuffle(lengths.map((_, i) => i))
  const batches: number[][] = []
  const window = batchSize * batchesPerWindow
  for (let start = 0; start < order.length; start += window) {
    const rows = order.slice(start, start + window)
    const isLast = start + window >= order.length
    // The odd rows out stay last, whatever their length.
    const odd = isLast ? rows.splice(rows.length - (rows.length % batchSize)) : []
    rows.sort((a, b) => lengths[b] - lengths[a] || a - b)
    const own: number[][] = []
    for (let at = 0; at < rows.length; at += batchSize) own.push(rows.slice(at, at + batchSize))
    batches.push(...random.shuffle(own))
    if (odd.length) batches.push(odd)
  }
  return batches
}

/** Rows of step `step` (from 1), for any number of epochs. */
export function batchesFrom(
  lengths: readonly number[],
  batchSize: number,
  seed: number,
): (step: number) => { rows: number[]; epoch: number } {
  const perEpoch = Math.ceil(lengths.length / batchSize)
  let cached = { epoch: -1, batches: [] as number[][] }
  return (step) => {
    const epoch = Math.floor((step - 1) / perEpoch)
    if (cached.epoch !== epoch) cached = { epoch, batches: epochOf(lengths, batchSize, seed, epoch) }
    return { rows: cached.batches[(step - 1) % perEpoch], epoch }
  }
}

/** Splits a batch into passes of at most `mostTokens` padded tokens each (at least one row), longest first. */
export function passesOf(rows: readonly number[], lengths: readonly number[], mostTokens: number): number[][] {
  const passes: number[][] = []
  let longest = 0
  for (const row of [...rows].sort((a, b) => lengths[b] - lengths[a] || a - b)) {
    const last = passes.at(-1)
    if (last && (last.length + 1) * longest <= mostTokens) last.push(row)
    else {
      passes.push([row])
      longest = lengths[row]
    }
  }
  return passes
}
