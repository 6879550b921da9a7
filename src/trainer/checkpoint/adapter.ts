/**
 * LoRA adapters as PEFT writes and reads them: `adapter_config.json` and `adapter_model.safetensors`.
 * PEFT's names carry the prefix `base_model.model.`; a scalar head is saved whole, as one of `modules_to_save`.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TrainerError } from '../errors.ts'
import type { Weights } from '../model/config.ts'
import type { Adapter, LoraTarget } from '../model/session.ts'
import { loraTargets } from '../model/session.ts'
import { type Fields, numberOf, readFields, textOf } from './json.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'
import { writeJson } from './writing.ts'

const prefix = 'base_model.model.'
const isTarget = (name: string): name is LoraTarget => (loraTargets as readonly string[]).includes(name)

export const hasAdapter = (folder: string): boolean => existsSync(join(folder, 'adapter_config.json'))

export interface StoredAdapter {
  adapter: Adapter
  /** What it was trained on: a name, a folder or a file. */
  base: string
  head: 'lm' | 'scalar'
  /** `score.weight` of a reward model. */
  score?: Weights
}

/** Throws TrainerError where the adapter uses what we do not have (other methods than LoRA, per-layer ranks). */
export function readAdapter(folder: string): StoredAdapter {
  const path = join(folder, 'adapter_config.json')
  const fields = readFields(path)
  const refuse = (field: string, message: string): never => {
    throw new TrainerError('bad_input', message, { where: `${path}, ${field}` })
  }
  const type = textOf(fields, 'peft_type')
  if (type !== 'LORA') refuse('peft_type', `Adapters of type '${type ?? 'missing'}' are not supported, only LORA.`)
  for (const field of ['use_dora', 'use_rslora', 'rank_pattern', 'alpha_pattern', 'lora_bias']) {
    const value = fields[field]
    const isUsed = value === true || (typeof value === 'object' && value !== null && Object.keys(value).length > 0)
    if (isUsed) refuse(field, `${field} is not supported.`)
  }
  const given = fields.target_modules
  const names = Array.isArray(given) ? given.map(String) : given === 'all-linear' ? [...loraTargets] : []
  const unknown = names.filter((name) => !isTarget(name))
  if (!names.length || unknown.length)
    refuse('target_modules', `${JSON.stringify(given)} names modules other than ${loraTargets.join(', ')}.`)
  const { tensors } = readSafetensors(join(folder, 'adapter_model.safetensors'))
  const weights: Weights = new Map()
  const score: Weights = new Map()
  for (const [stored, weight] of tensors) {
    const name = stored.startsWith(prefix) ? stored.slice(prefix.length) : stored
    if (/\.lora_[AB]\.weight$/.test(name)) weights.set(name, weight)
    else if (name === 'score.weight' || name === 'score.modules_to_save.weight') score.set('score.weight', weight)
    else refuse('adapter_model.safetensors', `Tensor ${stored} is neither of a LoRA adapter nor of a score head.`)
  }
  return {
    adapter: {
      rank: numberOf(fields, 'r', path),
      alpha: numberOf(fields, 'lora_alpha', path),
      targets: names.filter(isTarget),
      dropout: numberOf(fields, 'lora_dropout', path, 0),
      weights,
    },
    base: textOf(fields, 'base_model_name_or_path') ?? refuse('base_model_name_or_path', 'It names no base model.'),
    head: fields.task_type === 'SEQ_CLS' || score.size ? 'scalar' : 'lm',
    ...(score.size ? { score } : {}),
  }
}

/** `trained`: the session's trained weights, with `score.weight` among them under a scalar head. */
export function writeAdapter(
  folder: string,
  { rank, alpha, targets, dropout }: Adapter,
  base: string,
  trained: Weights,
): void {
  const head = trained.has('score.weight') ? 'scalar' : 'lm'
  writeSafetensors(
    join(folder, 'adapter_model.safetensors'),
    new Map([...trained].map(([name, weight]) => [prefix + name, weight])),
  )
  const fields: Fields = {
    peft_type: 'LORA',
    task_type: head === 'scalar' ? 'SEQ_CLS' : 'CAUSAL_LM',
    base_model_name_or_path: base,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: dropout,
    target_modules: targets,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    modules_to_save: head === 'scalar' ? ['score'] : null,
  }
  writeJson(join(folder, 'adapter_config.json'), fields)
}
