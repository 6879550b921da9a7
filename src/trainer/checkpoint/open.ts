/** Opens a model wherever it lies: a Hugging Face folder, a folder with a PEFT adapter, a GGUF file. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { TrainerError } from '../errors.ts'
import type { ModelConfig, Weights } from '../model/config.ts'
import type { Adapter } from '../model/session.ts'
import { hasAdapter, readAdapter } from './adapter.ts'
import { checkComplete } from './complete.ts'
import { type GenerationSettings, readFolder } from './folder.ts'
import { readGguf } from './gguf.ts'
import { type TokenizerFiles, tokenizerOf } from './gguf-tokenizer.ts'

export interface Checkpoint {
  /** The folder or file it was read from; of an adapter the folder of the adapter. */
  path: string
  /** What the weights without the adapter were read from. */
  basePath: string
  config: ModelConfig
  weights: Weights
  /** 'scalar': a reward model. */
  head: 'lm' | 'scalar'
  tokenizer: TokenizerFiles
  generation: GenerationSettings
  adapter?: Adapter
}

const magicOf = (path: string): string => {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(4)
    return bytes.toString('latin1', 0, readSync(file, bytes, 0, 4, 0))
  } finally {
    closeSync(file)
  }
}

function openGguf(path: string): Checkpoint {
  const { config, weights, metadata } = readGguf(path)
  checkComplete(config, weights, 'lm', path)
  const tokenizer = tokenizerOf(metadata, path)
  return { path, basePath: path, config, weights, head: 'lm', tokenizer, generation: {} }
}

/**
 * Reads a model whole, as float32. `find` resolves names that are no path (`smollm2-135m`), also of an adapter's base; an
 * adapter on the base of `beside`, which is open already, shares its weights. Throws TrainerError naming file and field;
 * nothing in the file is ever executed.
 */
export async function openCheckpoint(
  path: string,
  find: (name: string) => Promise<string> = async (name) => name,
  beside?: Checkpoint,
): Promise<Checkpoint> {
  if (!existsSync(path)) throw new TrainerError('not_found', 'There is no model here.', { where: path })
  if (statSync(path).isFile()) {
    // Ollama's blobs have no extension: the first bytes decide.
    if (magicOf(path) === 'GGUF' || path.endsWith('.gguf')) return openGguf(path)
    const isPickle = /\.(bin|pt|pth|ckpt)$/.test(path)
    throw new TrainerError(
      'bad_input',
      isPickle ? 'Pickle files are refused: opening one runs the code inside it.' : 'This file is not a model.',
      {
        where: path,
        hint: isPickle
          ? 'Convert it where you trust it: model.save_pretrained(folder, safe_serialization=True).'
          : 'Name a Hugging Face folder or a GGUF file.',
      },
    )
  }
  if (!hasAdapter(path)) return { path, basePath: path, ...readFolder(path) }
  const { adapter, base, head, score } = readAdapter(path)
  const basePath = await find(base)
  const found =
    beside?.basePath === basePath
      ? { ...beside, adapter: undefined, weights: new Map(beside.weights) }
      : await openCheckpoint(basePath, find)
  if (found.adapter)
    throw new TrainerError('bad_input', 'This adapter stands on another adapter.', {
      where: path,
      hint: 'Merge the lower one into its base first.',
    })
  for (const [name, weight] of score ?? []) found.weights.set(name, weight)
  return { ...found, path, head, adapter }
}
