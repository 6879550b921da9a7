/** Models on this machine, by whatever name people give them: a preset, a folder, a GGUF file, a catalogue name. */
import { existsSync } from 'node:fs'
import { fail } from '../platform/errors.ts'
import { isPreset, presets } from '../trainer/model/config.ts'
import { sourceOf, wholeWeights } from '../trainer/schedule/source.ts'
import type { Line } from '../trainer/text/rows.ts'
import { catalogue, catalogued } from './catalogue.ts'
import { fetchModel } from './fetch.ts'
import { ollamaModels } from './ollama.ts'

export interface Finding {
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

/**
 * Reads a model whole, an adapter merged in. A preset is untrained: its tokenizer knows what `lines` taught it, bytes
 * without any.
 */
export async function openLocalModel(name: string, finding: Finding = {}, lines: readonly Line[] = []) {
  const find = (base: string): Promise<string> => findModel(base, finding)
  const source = await sourceOf({ model: await find(name), seed: 0 }, lines)
  return { ...source, weights: wholeWeights(source) }
}
