/** A model that only answers: a reference policy, a reward model. Its weights are never copied. */
import { checkRows, pack, perRow } from '../model/batch.ts'
import type { ModelConfig, Weights } from '../model/config.ts'
import { fixedInputs, outputPass } from '../model/passes.ts'
import type { Outputs, Sequence } from '../model/session.ts'
import { passesOf } from './batches.ts'

export interface FrozenModel {
  config: ModelConfig
  head: 'lm' | 'scalar'
  forward(batch: readonly Sequence[]): Promise<Outputs>
  close(): Promise<void>
}

const mostTokens = 4096
const mostLogits = 2 ** 24

export async function frozenModel(
  {
    config,
    weights,
    head,
    temperature,
  }: { config: ModelConfig; weights: Weights; head: 'lm' | 'scalar'; temperature?: number },
  threads?: number,
): Promise<FrozenModel> {
  const pass = await outputPass({ config, head, temperature }, threads)
  const inputsOf = fixedInputs({ config })
  const passTokens = head === 'lm' ? Math.min(mostTokens, Math.floor(mostLogits / config.vocabSize)) : mostTokens
  return {
    config,
    head,
    forward: async (batch) => {
      checkRows(batch, config, head)
      const lengths = batch.map(({ tokens }) => tokens.length)
      const outputs: Outputs = batch.map(() => new Float32Array(0))
      for (const rows of passesOf(
        batch.map((_, i) => i),
        lengths,
        passTokens,
      )) {
        const packed = pack(
          rows.map((row) => batch[row]),
          config,
          head,
        )
        if (packed.picked === 0) continue
        const scale = { shape: [], data: Float32Array.of(0) }
        const flat = await pass.run(
          packed,
          new Map([...weights, ...inputsOf(packed.length), ...packed.values, ['adapterScale', scale]]),
        )
        for (const [n, answer] of perRow(flat, packed.counts).entries()) outputs[rows[n]] = answer
      }
      return outputs
    },
    close: () => pass.close(),
  }
}
