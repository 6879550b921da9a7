/** The files of a checkpoint: where they lie, and what can be told from them. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { fail } from '../../platform/errors.ts'
import { sha256, sha256OfFile } from '../../platform/ids.ts'
import { type Description, describeCheckpoint } from '../../trainer/checkpoint/describe.ts'

/** Where the files of a checkpoint of this id belong, below the data folder. */
export const placeOf = (id: string): string => join('models', id)

/** The checkpoint's folder, or its GGUF file: an absolute path. */
export const folderOf = (dataDir: string, { path }: { path: string }): string => resolve(dataDir, path)

export interface Files extends Omit<Description, 'base'> {
  bytes: number
  /** sha256 over names and hashes of the files: equal for equal models, wherever they lie. */
  hash: Buffer
}

async function filesOf(path: string): Promise<string[]> {
  if ((await stat(path)).isFile()) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** `path`: a folder or a GGUF file, absolute. Throws where it is no model; weights are hashed, not parsed. */
export async function describeFolder(path: string): Promise<Files> {
  const { parameters, head } = describeCheckpoint(path)
  const files = await filesOf(path)
  if (!files.length) fail('not_found', 'There is no model here.', { where: path })
  let bytes = 0
  const lines: string[] = []
  for (const file of files) {
    bytes += (await stat(file)).size
    lines.push(`${file === path ? basename(file) : relative(path, file)}\0${await sha256OfFile(file)}\n`)
  }
  return { parameters, head, bytes, hash: sha256(...lines) }
}
