/**
 * Sequences that begin alike share a row: chosen and rejected of one prompt, the samples of one group. The common start
 * is computed once, each continuation is a branch behind it, at its own positions and blind to its sisters. The outputs
 * and gradients are those of separate rows; only the work is less, by up to half for pairs and more for groups.
 *
 * Example: [p q r a b] and [p q r c] become one row  p q | r a b | r c  with positions 0 1 | 2 3 4 | 2 3. The last
 * common token is repeated in each branch, because the outputs for both first answers are read there.
 */
import type { ModelConfig } from './config.ts'
import type { Head } from './parameters.ts'
import type { Sequence } from './session.ts'

/** Token i of a sequence stands in its row at i within the common start, at `start + i - prefix` behind it. */
export interface Placement {
  row: number
  prefix: number
  start: number
}

export interface Arrangement {
  rows: number
  /** Padded. */
  length: number
  placements: Placement[]
}

/** Lengths are padded to a multiple of this, so that masks and buffers are reused from batch to batch. */
const lengthStep = 8
/** A shorter common start is not worth a branch. */
const leastPrefix = 8
/** Attention costs length squared: a row longer than this many times the width would give back what sharing saves. */
const widestRow = 4

export interface Group {
  /** Indices into the batch. */
  members: number[]
  prefix: number
  /** Tokens in all: the start once, and each continuation. */
  total: number
}

function compare(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const common = commonStart(a, b)
  if (common < a.length && common < b.length) return a[common]! - b[common]!
  return a.length - b.length
}

function commonStart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const most = Math.min(a.length, b.length)
  let i = 0
  while (i < most && a[i] === b[i]) i++
  return i
}

/** How much of a sequence may be common: no output is read there, and at least one token is its own. */
function shareable({ tokens, mask }: Sequence, head: Head): number {
  let first = 0
  while (first < mask.length && !mask[first]) first++
  return Math.min(head === 'lm' ? first - 1 : first, tokens.length - 1)
}

/** The sequences of a batch that would share a row, whether or not that pays in one pass. */
export function groupsOf(batch: readonly Sequence[], config: ModelConfig, head: Head): Group[] {
  const longest = batch.reduce((most, { tokens }) => Math.max(most, tokens.length), 0)
  const mostTokens = Math.min(Math.max(longest, widestRow * config.hiddenSize), config.maxPositions)
  const order = batch.map((_, i) => i).sort((a, b) => compare(batch[a]!.tokens, batch[b]!.tokens) || a - b)
  const groups: Group[] = []
  for (const i of order) {
    const { tokens } = batch[i]!
    const group = groups.at(-1)
    const own = shareable(batch[i]!, head)
    if (group) {
      const prefix = Math.min(group.prefix, own, commonStart(batch[group.members[0]!]!.tokens, tokens))
      const count = group.members.length
      const total = group.total + (count - 1) * (group.prefix - prefix) + tokens.length - prefix
      const savesMore = prefix * count > (count > 1 ? group.prefix * (count - 1) : 0)
      if (prefix >= leastPrefix && savesMore && total <= mostTokens) {
        group.members.push(i)
        group.prefix = prefix
        group.total = total
        continue
      }
    }
    groups.push({ members: [i], prefix: own, total: tokens.length })
  }
  return groups
}

/** Lays out the sequences: shared where that makes the pass smaller, one row each otherwise. */
export function arrange(batch: readonly Sequence[], config: ModelConfig, head: Head): Arrangement {
  const padded = (length: number): number => Math.min(Math.ceil(length / lengthStep) * lengthStep, config.maxPositions)
  const longest = padded(batch.reduce((most, { tokens }) => Math.max(most, tokens.length), 1))
  const groups = groupsOf(batch, config, head)
  const length = padded(groups.reduce((most, { total }) => Math.max(most, total), 1))
  if (groups.length * length >= batch.length * longest)
    return { rows: batch.length, length: longest, placements: batch.map((_, row) => ({ row, prefix: 0, start: 0 })) }
  const placements: Placement[] = []
  for (const [row, { members, prefix: common }] of groups.entries()) {
    const prefix = members.length > 1 ? common : 0
    let start = prefix
    for (const i of members) {
      placements[i] = { row, prefix, start }
      start += batch[i]!.tokens.length - prefix
    }
  }
  return { rows: groups.length, length, placements }
}
