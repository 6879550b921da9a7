/**
 * Where the numbers of a session lie. All trained weights stand in one flat array, and so do their gradient and the
 * two moments: the optimiser walks them once, the kernels read and write the very same memory through views.
 */
import { TrainerError } from '../errors.ts'
import { type AdamW, lanes, openAdamW, type Stretch } from './adamw.ts'
import type { Weights } from './config.ts'
import { elementsOf, weightOf } from './parameters.ts'

export interface Storage extends AdamW {
  /** Views by name, of every weight: what the graphs are fed. */
  values: Weights
  stretches: Stretch[]
  /** Views of one of the flat arrays, by name. */
  views(flat: Float32Array): Weights
}

/** Copies the trained weights into the flat array; frozen ones stay where they are. */
export function storageOf(
  shapes: Map<string, number[]>,
  weights: Weights,
  isTrained: (name: string) => boolean,
): Storage {
  // Each weight starts at a cache line; the padding stays zero through every update.
  const padded = (shape: readonly number[]): number => Math.ceil(elementsOf(shape) / lanes) * lanes
  let total = 0
  for (const [name, shape] of shapes) if (isTrained(name)) total += padded(shape)
  const optimiser = openAdamW(total)
  const values: Weights = new Map()
  const stretches: Stretch[] = []
  const places = new Map<string, { offset: number; shape: number[] }>()
  let offset = 0
  for (const [name, shape] of shapes) {
    const weight = weightOf(weights, name, shape)
    if (!isTrained(name)) {
      values.set(name, weight)
      continue
    }
    const view = optimiser.weights.subarray(offset, offset + elementsOf(shape))
    view.set(weight.data)
    values.set(name, { shape, data: view })
    stretches.push({ offset, length: padded(shape), decays: shape.length > 1 })
    places.set(name, { offset, shape })
    offset += padded(shape)
  }
  return {
    ...optimiser,
    values,
    stretches,
    views: (of) =>
      new Map(
        [...places].map(([name, place]) => [
          name,
          { shape: place.shape, data: of.subarray(place.offset, place.offset + elementsOf(place.shape)) },
        ]),
      ),
  }
}

/** Overwrites `views` with `from`; every name must be there in the same shape. */
export function overwrite(views: Weights, from: Weights, what: string): void {
  for (const name of from.keys())
    if (!views.has(name))
      throw new TrainerError('bad_input', `The state holds ${name}, which this session does not train.`, {
        where: what,
      })
  for (const [name, { shape, data }] of views) data.set(weightOf(from, name, shape, what).data)
}
