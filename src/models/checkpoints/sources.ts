/** What can be added to a project: models that can be fetched, those that Ollama has pulled, and files on the server. */
import { closeSync, openSync, readSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, isAbsolute, join } from 'node:path'
import { fail } from '../../platform/errors.ts'
import { catalogue, catalogued } from '../catalogue.ts'
import { fetched } from '../fetch.ts'
import { ollamaModels } from '../ollama.ts'
import type { Source } from './contract.ts'

/** The files of a model folder that are taken along; nothing else of the folder is read. */
const modelFile = /^[^.][^/]*\.(json|safetensors|jinja)$|^(LICENSE|LICENCE|NOTICE|README)(\.\w+)?$/i

interface ModelFiles {
  /** Each with its name in the copy. */
  files: { name: string; from: string; bytes: number }[]
  /** The one file of a GGUF; '' for a folder. */
  entry: string
}

/** Bytes of a regular file; undefined for anything else: reading a pipe would never end. */
async function bytesOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() ? found.size : undefined
}

function isGguf(path: string): boolean {
  const file = openSync(path, 'r')
  try {
    const magic = Buffer.alloc(4)
    readSync(file, magic, 0, 4, 0)
    return magic.toString('latin1') === 'GGUF'
  } finally {
    closeSync(file)
  }
}

async function filesAt(path: string): Promise<ModelFiles | undefined> {
  const bytes = await bytesOf(path)
  if (bytes !== undefined) {
    // Ollama's blobs have no ending.
    const entry = path.endsWith('.gguf') ? basename(path) : 'model.gguf'
    return isGguf(path) ? { files: [{ name: entry, from: path, bytes }], entry } : undefined
  }
  const files: ModelFiles['files'] = []
  for (const name of await readdir(path)) {
    const size = modelFile.test(name) ? await bytesOf(join(path, name)) : undefined
    if (size !== undefined) files.push({ name, from: join(path, name), bytes: size })
  }
  const has = (wanted: RegExp): boolean => files.some(({ name }) => wanted.test(name))
  return has(/^(adapter_)?config\.json$/) && has(/\.safetensors$/) ? { files, entry: '' } : undefined
}

/**
 * Throws one and the same error for whatever is no model: whoever may add models to a project learns nothing else of the
 * files of the server.
 */
export async function modelFiles(path: string): Promise<ModelFiles> {
  const found = isAbsolute(path) ? await filesAt(path).catch(() => undefined) : undefined
  return (
    found ??
    fail('bad_input', 'There is no model of that name or at that path.', {
      where: 'source',
      hint: 'Name a model of the list, or the absolute path, on the server, of a folder with config.json and *.safetensors or of a GGUF file.',
    })
  )
}

/** Where the files of a source lie; undefined: they are fetched first. */
export function pathOf(source: string): string | undefined {
  if (catalogued(source)) return undefined
  const blob = ollamaModels().find(({ name }) => name === source || name === `${source}:latest`)
  return blob?.path ?? source
}

/** What a model is called unless somebody says how. */
export function nameOf(source: string): string {
  const name = basename(source.replace(/^ollama:/, '')).replace(/\.gguf$/, '')
  return name.slice(0, 100) || 'model'
}

export const sources = (): Source[] => [
  ...catalogue.map((model) => ({
    name: model.name,
    title: model.title,
    licence: model.licence,
    parameters: model.parameters,
    bytes: model.bytes,
    here: fetched(model) !== undefined,
  })),
  ...ollamaModels().map(({ name, bytes }) => ({
    name,
    title: 'pulled by Ollama',
    licence: '',
    parameters: null,
    bytes,
    here: true,
  })),
]
