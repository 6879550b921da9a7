/** Whether a checkpoint brings every weight that its configuration speaks of. */
import { TrainerError } from '../errors.ts'
import type { ModelConfig, Weights } from '../model/config.ts'
import { type Head, parameterShapes, weightOf } from '../model/parameters.ts'

/** Throws TrainerError naming the first weight that is missing or has another shape. */
export function checkComplete(config: ModelConfig, weights: Weights, head: Head, where: string): void {
  // Before a list of all names is made: a damaged number may speak of billions of layers.
  if (config.layers > weights.size)
    throw new TrainerError('bad_input', `The model has ${config.layers} layers but only ${weights.size} weights.`, {
      where: `${where}, number of layers`,
      hint: 'The checkpoint is incomplete, or its config describes another model.',
    })
  for (const [name, shape] of parameterShapes(config, head)) weightOf(weights, name, shape, where)
}
