/**
 * What each position may see, as numbers that are added to its scores: 0, or a large negative number where it is hidden.
 *
 * Attention is computed in blocks of positions, each against keys up to its own end: of the square of all scores four blocks
 * leave 3/8 out, all of them ahead of every position of their block. Each block has a mask of its own.
 */
import { type Graph, type Tensor, times } from '../graph/graph.ts'
import type { Value } from '../graph/runtime.ts'
import type { Placement } from './arrangement.ts'
import type { ModelConfig } from './config.ts'
import type { Sequence } from './session.ts'

/**
 * More blocks leave little more out and cost copies. Rows are padded to eight positions at least, or to all that the model
 * has, so that no block is empty: the kernel for products leaves its result as it was where the sum has no terms.
 */
const blocksOf = ({ maxPositions }: ModelConfig): number => Math.min(4, maxPositions)

const groupOf = ({ heads, keyValueHeads }: ModelConfig): number => heads / keyValueHeads

const hidden = -1e9

const nameOf = (block: number): string => `mask.${block}`

/** Inputs `mask.N` [maskRows, 1, positions * group, end], maskRows 1 or that of the batch, for `causalMasks` or `branchMasks`. */
export function maskInputs(graph: Graph, config: ModelConfig): Tensor[] {
  const blocks = blocksOf(config)
  return Array.from({ length: blocks }, (_, block) => {
    const end = block === blocks - 1 ? 'length' : `end${block}`
    return graph.input(nameOf(block), ['maskRows', 1, times(groupOf(config), `positions${block}`), end])
  })
}

/** [length, length] */
function causal(length: number): Float32Array {
  const data = new Float32Array(length * length)
  for (let i = 0; i < length; i++) data.fill(hidden, i * length + i + 1, (i + 1) * length)
  return data
}

/** Of the masks `data` [rows, length, length] that of some positions, once for each of `group` heads: [rows, 1, ... * group, end] */
function cut(data: Float32Array, length: number, group: number, start: number, end: number): Value {
  const rows = data.length / (length * length)
  const result = new Float32Array(rows * (end - start) * group * end)
  let to = 0
  for (let row = 0; row < rows; row++)
    for (let i = start; i < end; i++) {
      const from = (row * length + i) * length
      for (let g = 0; g < group; g++, to += end) result.set(data.subarray(from, from + end), to)
    }
  return { shape: [rows, 1, (end - start) * group, end], data: result }
}

function inBlocks(data: Float32Array, length: number, config: ModelConfig): Map<string, Value> {
  const blocks = blocksOf(config)
  const endOf = (block: number): number => Math.ceil(((block + 1) * length) / blocks)
  return new Map(
    Array.from({ length: blocks }, (_, block) => [
      nameOf(block),
      cut(data, length, groupOf(config), endOf(block - 1), endOf(block)),
    ]),
  )
}

/** [1, 1, length * group, length] */
export const causalMask = (length: number, group: number): Value => cut(causal(length), length, group, 0, length)

/** What lies ahead is hidden. */
export const causalMasks = (length: number, config: ModelConfig): Map<string, Value> =>
  inBlocks(causal(length), length, config)

/** Each branch sees the common start of its row and itself, never its sisters. */
export function branchMasks(
  batch: readonly Sequence[],
  placements: readonly Placement[],
  { rows, length }: { rows: number; length: number },
  config: ModelConfig,
): Map<string, Value> {
  const data = new Float32Array(rows * length * length).fill(hidden)
  for (let row = 0; row < rows; row++) {
    const base = row * length * length
    // Padding sees itself, which nobody reads.
    for (let i = 0; i < length; i++) data[base + i * length + i] = 0
    for (const [s, { row: own, prefix, start }] of placements.entries()) {
      if (own !== row) continue
      for (let i = 0; i < prefix; i++) data.fill(0, base + i * length, base + i * length + i + 1)
      for (let i = start; i < start + batch[s]!.tokens.length - prefix; i++) {
        data.fill(0, base + i * length, base + i * length + prefix)
        data.fill(0, base + i * length + start, base + i * length + i + 1)
      }
    }
  }
  return inBlocks(data, length, config)
}
