/** Rows of unequal length as the tensors of one pass: right-padded, with the positions where an output is wanted. */
import { TrainerError } from '../errors.ts'
import type { Value } from '../graph/runtime.ts'
import { arrange } from './arrangement.ts'
import type { ModelConfig } from './config.ts'
import { branchMasks } from './masks.ts'
import type { Head } from './parameters.ts'
import type { Outputs, Sequence } from './session.ts'

export interface PackedBatch {
  /** Rows of the pass, at most one for each sequence. */
  rows: number
  /** Padded length. */
  length: number
  /** Outputs in all, and those of each sequence, in the order of the batch. */
  picked: number
  counts: number[]
  values: Map<string, Value>
}

function check({ tokens, mask }: Sequence, row: number, config: ModelConfig, head: Head): void {
  const where = `row ${row}`
  const refuse = (message: string, hint?: string): never => {
    throw new TrainerError('bad_input', message, { where, hint })
  }
  if (tokens.length === 0) refuse('The row is empty.')
  if (tokens.length > config.maxPositions)
    refuse(`${tokens.length} tokens, but the model takes ${config.maxPositions}.`, 'Cut the row, best at its left.')
  if (mask.length !== tokens.length) refuse(`${mask.length} mask entries for ${tokens.length} tokens.`)
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!
    if (!(token >= 0 && token < config.vocabSize) || !Number.isInteger(token))
      refuse(`Token ${i} is ${token}, outside the vocabulary of ${config.vocabSize}.`)
  }
  if (head === 'lm' && mask[0]) refuse('The first token has nothing before it and so no probability.')
}

/** Throws TrainerError naming the row when one does not fit the model. */
export function checkRows(batch: readonly Sequence[], config: ModelConfig, head: Head): void {
  for (const [row, sequence] of batch.entries()) check(sequence, row, config, head)
}

/** Packs checked rows; what they have in common at their start is laid out once (see `arrangement.ts`). */
export function pack(batch: readonly Sequence[], config: ModelConfig, head: Head): PackedBatch {
  const { rows, length, placements } = arrange(batch, config, head)
  const counts = batch.map(({ mask }) => {
    let count = 0
    for (let i = 0; i < mask.length; i++) if (mask[i]) count++
    return count
  })
  const picked = counts.reduce((sum, count) => sum + count, 0)
  const ids = new BigInt64Array(rows * length)
  const positions = new BigInt64Array(rows * length)
  const read = new BigInt64Array(picked)
  const targets = new BigInt64Array(picked)
  let n = 0
  // Under 'lm' the output for token i is read where token i - 1 stands.
  const back = head === 'lm' ? 1 : 0
  for (const [s, { tokens, mask }] of batch.entries()) {
    const { row, prefix, start } = placements[s]!
    const placeOf = (i: number): number => row * length + (i < prefix ? i : start + i - prefix)
    for (let i = 0; i < tokens.length; i++) {
      ids[placeOf(i)] = BigInt(tokens[i]!)
      positions[placeOf(i)] = BigInt(i)
      if (!mask[i]) continue
      read[n] = BigInt(placeOf(i - back))
      targets[n++] = BigInt(tokens[i]!)
    }
  }
  const values = new Map<string, Value>([
    ['ids', { shape: [rows, length], data: ids }],
    ['positions', { shape: [rows, length], data: positions }],
    ['picked', { shape: [picked], data: read }],
    ['targets', { shape: [picked], data: targets }],
  ])
  const masks = rows < batch.length ? branchMasks(batch, placements, { rows, length }, config) : []
  return { rows, length, picked, counts, values: new Map([...values, ...masks]) }
}

/** One flat result as one array per row. */
export function perRow(flat: Float32Array, counts: readonly number[]): Outputs {
  let from = 0
  return counts.map((count) => flat.slice(from, (from += count)))
}
