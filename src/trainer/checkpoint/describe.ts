/** What a checkpoint is, from its headers alone: no weight is read, so that it costs milliseconds at any size. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { TrainerError } from '../errors.ts'
import { countParameters, type Head, parameterShapes } from '../model/parameters.ts'
import { hasAdapter, readAdapter } from './adapter.ts'
import { configOf } from './configuration.ts'
import { huggingFaceName } from './gguf.ts'
import { readGgufHeader } from './gguf-header.ts'
import { readFields } from './json.ts'
import { tensorShapes } from './safetensors.ts'

export interface Description {
  /** Numbers in its weights; of an adapter those of its base, which it changes and does not add to. */
  parameters: number
  /** 'scalar': a reward model. */
  head: Head
  /** Of an adapter: what it stands on, as the adapter names it. */
  base?: string
}

const scoreIn = (file: string): boolean => existsSync(file) && tensorShapes(file).has('score.weight')

function describeFolder(folder: string): Description {
  const path = join(folder, 'config.json')
  if (!existsSync(path))
    throw new TrainerError('not_found', 'This folder is not a model: config.json is missing.', { where: path })
  const fields = readFields(path)
  const isClassifier = String(fields.architectures).includes('SequenceClassification')
  const head = isClassifier || scoreIn(join(folder, 'model.safetensors')) ? 'scalar' : 'lm'
  return { parameters: countParameters(parameterShapes(configOf(fields, path), head).values()), head }
}

/** `find` resolves what an adapter calls its base. Throws TrainerError for what is no model. */
export function describeCheckpoint(path: string, find: (name: string) => string = (name) => name): Description {
  if (!existsSync(path)) throw new TrainerError('not_found', 'There is no model here.', { where: path })
  if (statSync(path).isFile()) {
    const { tensors } = readGgufHeader(path)
    const shapes = tensors.filter(({ name }) => huggingFaceName(name)).map(({ shape }) => shape)
    return { parameters: countParameters(shapes), head: 'lm' }
  }
  if (!hasAdapter(path)) return describeFolder(path)
  const { base, head } = readAdapter(path)
  return { ...describeCheckpoint(find(base), find), head, base }
}
