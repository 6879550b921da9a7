/** Rows of unequal length as the tensors of one pass: right-padded, with the positions where an output is wanted. */
import { TrainerError } from '../errors.ts'
import type { Value } from '../graph/runtime.ts'
import type { ModelConfig } from './config.ts'
import type { Head } from './parameters.ts'
import type { Outputs, Sequence } from './session.ts'

export interface PackedBatch {
  rows: number
  /** Padded length. */
  length: number
  /** Outputs in all, and those of each row. */
  picked: number
  counts: number[]
  values: Map<string, Value>
}

/** Lengths are padded to a multiple of this, so that masks and buffers are reused from batch to batch. */
const lengthStep = 8

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

/** Packs checked rows as they come. */
export function pack(batch: readonly Sequence[], config: ModelConfig, head: Head): PackedBatch {
  const counts = batch.map(({ mask }) => {
    let count = 0
    for (let i = 0; i < mask.length; i++) if (mask[i]) count++
    return count
  })
  const rows = batch.length
  const longest = batch.reduce((most, { tokens }) => Math.max(most, tokens.length), 1)
  const length = Math.min(Math.ceil(longest / lengthStep) * lengthStep, config.maxPositions)
  const picked = counts.reduce((sum, count) => sum + count, 0)
  const ids = new BigInt64Array(rows * length)
  const positions = new BigInt64Array(picked)
  const targets = new BigInt64Array(picked)
  let n = 0
  // Under 'lm' the output for token i is read where token i - 1 stands.
  const back = head === 'lm' ? 1 : 0
  for (const [row, { tokens, mask }] of batch.entries())
    for (let i = 0; i < tokens.length; i++) {
      ids[row * length + i] = BigInt(tokens[i]!)
      if (!mask[i]) continue
      positions[n] = BigInt(row * length + i - back)
      targets[n++] = BigInt(tokens[i]!)
    }
  const values = new Map<string, Value>([
    ['ids', { shape: [rows, length], data: ids }],
    ['picked', { shape: [picked], data: positions }],
    ['targets', { shape: [picked], data: targets }],
  ])
  return { rows, length, picked, counts, values }
}

/** One flat result as one array per row. */
export function perRow(flat: Float32Array, counts: readonly number[]): Outputs {
  let from = 0
  return counts.map((count) => flat.slice(from, (from += count)))
}

/** [group * length, length], 0 where a position may be seen and a large negative number where it lies ahead. */
export function causalMask(length: number, group: number): Value {
  const data = new Float32Array(group * length * length)
  for (let row = 0; row < group * length; row++) data.fill(-1e9, row * length + (row % length) + 1, (row + 1) * length)
  return { shape: [group * length, length], data }
}
