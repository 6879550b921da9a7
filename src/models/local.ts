/** Models on this machine, by whatever name people give them: a preset, a folder, a GGUF file, a catalogue name. */
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fail } from '../platform/errors.ts'
import { readAdapter } from '../trainer/checkpoint/adapter.ts'
import { isPreset, presets } from '../trainer/model/config.ts'
import { adapterShapes, weightOf } from '../trainer/model/parameters.ts'
import { sourceOf, wholeWeights } from '../trainer/schedule/source.ts'
import type { Line } from '../trainer/text/rows.ts'
import { catalogue, catalogued } from './catalogue.ts'
import { fetchModel } from './fetch.ts'
import { ollamaModels } from './ollama.ts'

interface Finding {
  /** Names that a database knows: answers with the folder of the model, or undefined. */
  registered?: (name: string) => Promise<string | undefined>
  /** Hears of downloads. */
  say?: (line: string) => void
}

/**
 * What a name stands for: a preset stays its name, everything else becomes a path. What the database knows comes
 * first, then files, then the catalogue (fetched on first use) and Ollama's store.
 */
export async function findModel(name: string, { registered, say = () => {} }: Finding = {}): Promise<string> {
  if (isPreset(name)) return name
  const known = await registered?.(name)
  if (known) return known
  if (existsSync(name)) return name
  const model = catalogued(name)
  if (model) return fetchModel(model, say)
  const blob = ollamaModels().find((found) => found.name === name || found.name === `${name}:latest`)
  if (blob) return blob.path
  const names = [...Object.keys(presets), ...catalogue.map((entry) => entry.name)]
  fail('not_found', `There is no model '${name}'.`, {
    where: 'model',
    hint: `Name a Hugging Face folder, a GGUF file, or one of ${names.join(', ')}. './plumbline model list' shows all.`,
  })
}

export type LocalModel = Awaited<ReturnType<typeof openLocalModel>>

interface Opening extends Finding {
  /** Rows to learn a preset's tokenizer from; without any it knows bytes alone. */
  lines?: readonly Line[]
  /** Where the models of a project lie: it may have moved since an adapter noted where its base was. */
  dataDir?: string
  /** Folder of a PEFT adapter to put on the model, in place of the one that it names itself. */
  adapter?: string
}

const inDataFolder = /[/\\]models[/\\]([0-9a-f-]{36}(?:[/\\][^/\\]+)?)$/

/** What an adapter calls its base, found again where the data folder or the cache of fetched models has moved. */
async function baseOf(base: string, { dataDir, say = () => {} }: Pick<Opening, 'dataDir' | 'say'>): Promise<string> {
  if (existsSync(base)) return base
  const [, place] = inDataFolder.exec(base) ?? []
  if (dataDir && place && existsSync(join(dataDir, 'models', place))) return join(dataDir, 'models', place)
  const model = catalogue.find(({ name, fileName }) => base === name || basename(base) === fileName)
  return model ? fetchModel(model, say) : base
}

/** Reads a model whole, an adapter merged in. A preset is untrained. */
export async function openLocalModel(name: string, { lines = [], adapter, dataDir, ...finding }: Opening = {}) {
  const model = await findModel(name, finding)
  const source = await sourceOf({ model, seed: 0 }, lines, (base) => baseOf(base, { dataDir, say: finding.say }))
  if (!adapter) return { ...source, weights: wholeWeights(source) }
  const stored = readAdapter(adapter)
  // One that does not fit is refused here, by the name of its tensor.
  for (const [tensor, shape] of adapterShapes(source.config, stored.adapter))
    weightOf(stored.adapter.weights ?? new Map(), tensor, shape, adapter)
  const weights = wholeWeights({ ...source, adapter: stored.adapter })
  for (const [tensor, weight] of stored.score ?? []) weights.set(tensor, weight)
  return { ...source, head: stored.head, weights }
}
