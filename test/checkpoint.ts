/** Models of a project for tests: the smallest preset, untrained but for its words. */
import { existsSync } from 'node:fs'
import { describeFolder, folderOf, placeOf } from '../src/models/checkpoints/files.ts'
import {
  type Checkpoint,
  findCheckpoint,
  type NewCheckpoint,
  registerCheckpoint,
} from '../src/models/checkpoints/store.ts'
import { newId } from '../src/platform/ids.ts'
import { inTransaction } from '../src/platform/sql.ts'
import { writeFolder } from '../src/trainer/checkpoint/folder.ts'
import { scoreName } from '../src/trainer/model/parameters.ts'
import { randomOf } from '../src/trainer/random.ts'
import { sourceOf } from '../src/trainer/schedule/source.ts'
import type { TestProject } from './project.ts'

const lines = [
  {
    where: 'test',
    fields: {
      prompt: [{ role: 'user', content: 'What is 7 plus one?' }],
      completion: [{ role: 'assistant', content: 'It is 8, I think.' }],
    },
  },
]

/** Writes one to a folder; another seed, other weights. */
export async function writeModel(folder: string, { seed = 1, head = 'lm' as 'lm' | 'scalar' } = {}): Promise<void> {
  const source = await sourceOf({ model: 'preset:1m', seed }, lines)
  if (head === 'scalar') {
    const random = randomOf(seed)
    const { hiddenSize } = source.config
    const data = Float32Array.from({ length: hiddenSize }, () => random.normal())
    source.weights.set(scoreName, { shape: [1, hiddenSize], data })
  }
  writeFolder(folder, { ...source, head })
}

/** Writes and registers one. */
export async function addModel(
  { db, platform, project }: Pick<TestProject, 'db' | 'platform' | 'project'>,
  { seed, head, ...given }: Partial<NewCheckpoint> & { seed?: number } = {},
): Promise<Checkpoint> {
  const id = newId()
  const folder = folderOf(platform.dataDir, { path: placeOf(id) })
  await writeModel(folder, { seed, head })
  const files = await describeFolder(folder)
  await inTransaction(db, (trx) =>
    registerCheckpoint(trx, { id, project, name: 'model', base: 'preset:1m', ...files, ...given }),
  )
  return (await findCheckpoint(db, project, id))!
}

/** Models run in threads, whose entry has to be built: without it their tests are skipped. */
export const isBuilt = existsSync(new URL('../dist/server/models/worker.js', import.meta.url))
