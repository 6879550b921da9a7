/** The rows of a snapshot as files for a trainer, in the shapes of TRL. */
import { createWriteStream } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Db } from '../../platform/sql.ts'
import { type DatasetRow, rowsOf } from '../datasets/read.ts'
import type { RunSettings } from './settings.ts'

const said = (role: string, content: string) => ({ role, content })

/** One line of TRL: conversational prompt with completion, or with chosen and rejected. */
export function trlRow(
  { prompt, chosen, rejected, margin, soft }: Pick<DatasetRow, 'prompt' | 'chosen' | 'rejected' | 'margin' | 'soft'>,
  { softLabels = true, margins = false }: Pick<RunSettings, 'softLabels' | 'margins'>,
): Record<string, unknown> {
  const asked = prompt.map(({ role, text }) => said(role, text))
  if (rejected === null) return { prompt: asked, completion: [said('assistant', chosen)] }
  return {
    prompt: asked,
    chosen: [said('assistant', chosen)],
    rejected: [said('assistant', rejected)],
    ...(softLabels && soft !== null ? { label: soft } : {}),
    ...(margins && margin !== null ? { margin } : {}),
  }
}

/** Writes one split; returns how many rows it has. Whoever is killed at it leaves no file that looks whole. */
async function writeSplit(
  db: Db,
  snapshot: string,
  split: 'train' | 'test',
  path: string,
  settings: RunSettings,
): Promise<number> {
  let rows = 0
  const lines = async function* () {
    for await (const row of rowsOf(db, snapshot, split)) {
      rows++
      yield `${JSON.stringify(trlRow(row, settings))}\n`
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(`${path}.part`))
  await rename(`${path}.part`, path)
  return rows
}

/** Writes `train.jsonl` and, where the snapshot holds rows out, `test.jsonl` into a folder. */
export async function writeRows(
  db: Db,
  snapshot: string,
  folder: string,
  settings: RunSettings,
): Promise<{ data: string; eval?: string; rows: number }> {
  await mkdir(folder, { recursive: true })
  const [data, held] = [join(folder, 'train.jsonl'), join(folder, 'test.jsonl')]
  const rows = await writeSplit(db, snapshot, 'train', data, settings)
  return { data, rows, ...((await writeSplit(db, snapshot, 'test', held, settings)) ? { eval: held } : {}) }
}
