/** How many prompts are answered together: more go faster, until their keys and values take the memory of the server. */
import type { ModelConfig } from '../trainer/model/config.ts'

/** Keys and values of all rows together, in bytes. */
const cacheBytes = 2 ** 29

/** Rows of so many positions, prompt and answer, whose keys and values fit into the bound; one at least. */
export function rowsAtOnce(
  {
    layers,
    keyValueHeads,
    headDim,
    maxPositions,
  }: Pick<ModelConfig, 'layers' | 'keyValueHeads' | 'headDim' | 'maxPositions'>,
  positions: number,
): number {
  const bytes = 8 * layers * keyValueHeads * headDim * Math.min(positions, maxPositions)
  return Math.max(1, Math.floor(cacheBytes / bytes))
}
