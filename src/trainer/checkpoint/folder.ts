/** A Hugging Face model folder: config, weights (one file or shards), tokenizer, generation settings. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { TrainerError } from '../errors.ts'
import type { ModelConfig, Weights } from '../model/config.ts'
import { checkComplete } from './complete.ts'
import { configFields, configOf, tokenIdsOf } from './configuration.ts'
import type { TokenizerFiles } from './gguf-tokenizer.ts'
import { isFields, readFields } from './json.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'
import { writeJson, writeText } from './writing.ts'

/** How a model wants to be sampled; what is absent is left to the caller. */
export interface GenerationSettings {
  temperature?: number
  topP?: number
  topK?: number
  repetitionPenalty?: number
}

export interface ModelFolder {
  config: ModelConfig
  weights: Weights
  head: 'lm' | 'scalar'
  tokenizer: TokenizerFiles
  generation: GenerationSettings
}

function weightFilesOf(folder: string): string[] {
  const single = join(folder, 'model.safetensors')
  if (existsSync(single)) return [single]
  const index = join(folder, 'model.safetensors.index.json')
  if (existsSync(index)) {
    const map = readFields(index).weight_map
    if (!isFields(map)) throw new TrainerError('bad_input', 'weight_map is missing.', { where: index })
    const names = [...new Set(Object.values(map).map(String))]
    const outside = names.find((name) => name !== basename(name))
    if (outside) throw new TrainerError('bad_input', `Shard '${outside}' lies outside the folder.`, { where: index })
    return names.map((name) => join(folder, name))
  }
  const pickle = readdirSync(folder).find((name) => /\.(bin|pt|pth|ckpt)$/.test(name))
  if (pickle)
    throw new TrainerError('bad_input', 'Pickle files are refused: opening one runs the code inside it.', {
      where: join(folder, pickle),
      hint: 'Convert it where you trust it: model.save_pretrained(folder, safe_serialization=True).',
    })
  throw new TrainerError('not_found', 'There are no weights here.', { where: single })
}

function readTokenizerFiles(folder: string): TokenizerFiles {
  const path = join(folder, 'tokenizer.json')
  if (!existsSync(path))
    throw new TrainerError('not_found', 'The tokenizer is missing.', {
      where: path,
      hint: 'Put tokenizer.json of this model into its folder.',
    })
  const configPath = join(folder, 'tokenizer_config.json')
  const config = existsSync(configPath) ? readFields(configPath) : {}
  // Newer folders keep the template in a file of its own.
  const template = join(folder, 'chat_template.jinja')
  if (existsSync(template)) config.chat_template = readFileSync(template, 'utf8')
  return { tokenizer: readFields(path), config }
}

function generationOf(folder: string): { settings: GenerationSettings; eosTokenIds: number[] } {
  const path = join(folder, 'generation_config.json')
  if (!existsSync(path)) return { settings: {}, eosTokenIds: [] }
  const fields = readFields(path)
  const settings: GenerationSettings = {}
  const numbers = {
    temperature: 'temperature',
    topP: 'top_p',
    topK: 'top_k',
    repetitionPenalty: 'repetition_penalty',
  } as const
  for (const [key, name] of Object.entries(numbers) as [keyof GenerationSettings, string][]) {
    const value = fields[name]
    if (typeof value === 'number' && Number.isFinite(value)) settings[key] = value
  }
  return { settings, eosTokenIds: tokenIdsOf(fields.eos_token_id) }
}

export function readFolder(folder: string): ModelFolder {
  const path = join(folder, 'config.json')
  if (!existsSync(path))
    throw new TrainerError('not_found', 'This folder is not a model: config.json is missing.', { where: path })
  const fields = readFields(path)
  const config = configOf(fields, path)
  const weights: Weights = new Map()
  for (const file of weightFilesOf(folder))
    for (const [name, weight] of readSafetensors(file).tensors) weights.set(name, weight)
  const isClassifier = String(fields.architectures).includes('SequenceClassification')
  const head = isClassifier || weights.has('score.weight') ? 'scalar' : 'lm'
  checkComplete(config, weights, head, folder)
  const { settings, eosTokenIds } = generationOf(folder)
  if (eosTokenIds.length) config.eosTokenIds = eosTokenIds
  return { config, weights, head, tokenizer: readTokenizerFiles(folder), generation: settings }
}

export function writeTokenizerFiles(folder: string, { tokenizer, config }: TokenizerFiles): void {
  writeText(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer))
  writeJson(join(folder, 'tokenizer_config.json'), config)
}

/** Writes what `transformers` loads. The weights come last: a folder without them is refused as incomplete. */
export function writeFolder(folder: string, { config, weights, head, tokenizer, generation }: ModelFolder): void {
  mkdirSync(folder, { recursive: true })
  writeTokenizerFiles(folder, tokenizer)
  writeJson(join(folder, 'config.json'), configFields(config, head))
  if (head === 'lm')
    writeJson(join(folder, 'generation_config.json'), {
      bos_token_id: config.bosTokenId ?? null,
      eos_token_id: config.eosTokenIds.length === 1 ? config.eosTokenIds[0] : config.eosTokenIds,
      pad_token_id: config.padTokenId ?? null,
      ...(generation.temperature === undefined ? {} : { do_sample: true, temperature: generation.temperature }),
      ...(generation.topP === undefined ? {} : { top_p: generation.topP }),
      ...(generation.topK === undefined ? {} : { top_k: generation.topK }),
      ...(generation.repetitionPenalty === undefined ? {} : { repetition_penalty: generation.repetitionPenalty }),
    })
  writeSafetensors(join(folder, 'model.safetensors'), weights)
}
