/** What a run starts from: a preset, whose tokenizer is learned from the rows, or a checkpoint with its own. */
import { type Checkpoint, openCheckpoint } from '../checkpoint/open.ts'
import { TrainerError } from '../errors.ts'
import { isPreset, type ModelConfig, presets, type Weights } from '../model/config.ts'
import { mergeAdapter } from '../model/lora.ts'
import { countParameters, initialWeights, parameterShapes, scoreName } from '../model/parameters.ts'
import type { Adapter } from '../model/session.ts'
import { trainTokenizer } from '../text/bpe.ts'
import { hasMessages, type Line, textsOf } from '../text/rows.ts'
import { type Tokenizer, tokenizerFrom } from '../text/tokenizer.ts'
import type { RunSpec, Settings } from './spec.ts'

export interface Source extends Checkpoint {
  text: Tokenizer
  parameters: number
}

function presetSource(name: keyof typeof presets, lines: readonly Line[], seed: number): Checkpoint {
  const tokenizer = trainTokenizer(lines.flatMap(textsOf), presets[name].vocabSize, { chat: hasMessages(lines) })
  const text = tokenizerFrom(tokenizer)
  const config: ModelConfig = {
    ...presets[name],
    vocabSize: text.size,
    bosTokenId: text.startId,
    eosTokenIds: [text.endId],
    padTokenId: text.startId,
  }
  return {
    path: name,
    basePath: name,
    config,
    weights: initialWeights(config, seed),
    head: 'lm',
    tokenizer,
    generation: {},
  }
}

/** `find` resolves what an adapter calls its base. */
export async function sourceOf(
  { model, seed = 0 }: Pick<RunSpec, 'model' | 'seed'>,
  lines: readonly Line[],
  find?: (base: string) => Promise<string>,
): Promise<Source> {
  if (model.startsWith('preset:') && !isPreset(model))
    throw new TrainerError('not_found', `There is no '${model}'.`, {
      where: 'run, model',
      hint: `There are ${Object.keys(presets).join(', ')}.`,
    })
  const checkpoint = isPreset(model) ? presetSource(model, lines, seed) : await openCheckpoint(model, find)
  const text = tokenizerFrom(checkpoint.tokenizer, checkpoint.config.eosTokenIds, `${checkpoint.basePath}, tokenizer`)
  if (text.size > checkpoint.config.vocabSize)
    throw new TrainerError(
      'bad_input',
      `The tokenizer has ${text.size} tokens, the model ${checkpoint.config.vocabSize}.`,
      {
        where: `${checkpoint.basePath}, tokenizer`,
        hint: 'They belong to different models.',
      },
    )
  return {
    ...checkpoint,
    text,
    parameters: countParameters(parameterShapes(checkpoint.config, checkpoint.head).values()),
  }
}

/** The model's weights with its adapter merged in, under the head that is asked for. */
export function wholeWeights({
  config,
  weights,
  adapter,
}: Pick<Checkpoint, 'config' | 'weights' | 'adapter'>): Weights {
  if (!adapter?.weights) return weights
  const merged = mergeAdapter(config, weights, adapter, adapter.weights)
  const score = weights.get(scoreName)
  if (score) merged.set(scoreName, score)
  return merged
}

/**
 * The adapter that a run trains: a new one, the source's own continued, or none. A source with an adapter keeps its
 * rank and layers, because the result must still fit the base that it names.
 */
export function adapterOf(source: Source, spec: RunSpec, settings: Settings): Adapter | undefined {
  const { loraRank: rank, loraAlpha: alpha, loraDropout: dropout, loraTargets: targets } = settings
  if (source.adapter && spec.loraRank !== 0) {
    if (spec.loraRank !== undefined && spec.loraRank !== source.adapter.rank)
      throw new TrainerError(
        'bad_input',
        `The model is an adapter of rank ${source.adapter.rank}, not ${spec.loraRank}.`,
        {
          where: 'run, loraRank',
          hint: 'Leave the rank out to continue the adapter, or set 0 to train all weights.',
        },
      )
    return { ...source.adapter, dropout }
  }
  return rank ? { rank, alpha, dropout, targets } : undefined
}
