// What an import takes: rows a second and peak memory of `./plumbline import`, for preference rows with and without tasks of
// them, and of the same file once more, which adds nothing.
//   npm run build && node bench/import.mjs [--rows 300000]
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { measured } from './command.mjs'

const { values } = parseArgs({ options: { rows: { type: 'string', default: '300000' } } })
const rows = Number(values.rows)
const dir = mkdtempSync(join(tmpdir(), 'plumbline-import-'))
const file = join(dir, 'pairs.jsonl')

function* lines() {
  for (let n = 0; n < rows; n++)
    yield `${JSON.stringify({
      prompt: `Question ${n}: how do I return order ${n * 7}, which arrived late and in the wrong colour?`,
      chosen: `Take the form that came with it, and post the parcel within a month of its arrival. ${n}`,
      rejected: `No idea ${n}. Ask somebody else.`,
    })}\n`
}
await pipeline(Readable.from(lines()), createWriteStream(file))

const data = ['--data', join(dir, 'data')]
for (const [project, what, more] of [
  ['pairs', 'pairs', []],
  ['tasks', 'pairs, each a task as well', ['--as', 'tasks', '--overlap', '3']],
  ['tasks', 'the same once more', ['--as', 'tasks', '--overlap', '3']],
]) {
  if (what.startsWith('pairs')) await measured(['project', 'add', project, ...data])
  const args = ['import', file, '--project', project, '--format', 'trl-preference', ...more, ...data]
  const { seconds, peak, said } = await measured(args)
  console.log(
    `${what}: ${rows} rows in ${seconds.toFixed(1)} s with the start, ${(rows / seconds).toFixed(0)} rows/s, peak memory ${peak.toFixed(0)} MB; ${said.prompts} prompts, ${said.tasks} tasks, ${said.skipped} skipped`,
  )
}
rmSync(dir, { recursive: true, force: true })
