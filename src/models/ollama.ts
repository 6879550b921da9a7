/** Models that Ollama has pulled on this machine: a manifest names the GGUF among its content-addressed blobs. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

interface OllamaModel {
  /** `ollama:llama3.2:1b` */
  name: string
  path: string
  bytes: number
}

const storeOf = (): string => process.env.OLLAMA_MODELS ?? join(homedir(), '.ollama', 'models')

function modelOf(manifest: string, name: string, store: string): OllamaModel | undefined {
  let layers: { mediaType?: string; digest?: string }[]
  try {
    layers = JSON.parse(readFileSync(manifest, 'utf8')).layers ?? []
  } catch {
    // Another program's half-written file is no fault of the user's question.
    return undefined
  }
  const digest = layers.find(({ mediaType }) => mediaType === 'application/vnd.ollama.image.model')?.digest
  if (!digest || !/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined
  const path = join(store, 'blobs', digest.replace(':', '-'))
  return existsSync(path) ? { name, path, bytes: statSync(path).size } : undefined
}

/** All of them, by name; none when there is no store. */
export function ollamaModels(store = storeOf()): OllamaModel[] {
  const library = join(store, 'manifests', 'registry.ollama.ai', 'library')
  if (!existsSync(library)) return []
  return readdirSync(library).flatMap((model) =>
    readdirSync(join(library, model)).flatMap((tag) => {
      const found = modelOf(join(library, model, tag), `ollama:${model}:${tag}`, store)
      return found ? [found] : []
    }),
  )
}
