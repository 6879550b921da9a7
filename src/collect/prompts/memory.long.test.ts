import { expect, it } from 'vitest'
import { testProject } from '../../../test/project.ts'
import { formatNamed } from '../../formats/index.ts'
import { importFile } from './import.ts'

const rows = 1_000_000
const mebibyte = 1024 * 1024

async function* file(): AsyncGenerator<Uint8Array> {
  const perChunk = 500
  for (let from = 0; from < rows; from += perChunk)
    yield Buffer.from(
      Array.from({ length: perChunk }, (_, i) => {
        const n = from + i
        return `${JSON.stringify({
          prompt: `Question ${n}: how do I return order ${n * 7}, which arrived late?`,
          chosen: `Take the form that came with it, and post the parcel within a month. ${n}`,
          rejected: `No idea ${n}. Ask somebody else.`,
        })}\n`
      }).join(''),
    )
}

it('imports a million rows in flat memory', async () => {
  const at = await testProject({ tasks: 0, annotators: 0 })
  const before = process.memoryUsage.rss()
  let highest = before
  try {
    const result = await importFile(at.db, {
      project: at.project,
      format: formatNamed('trl-preference'),
      open: file,
      onProblem: 'keep-the-rest',
      actor: 'operator',
      clock: at.clock.read,
      progress() {
        highest = Math.max(highest, process.memoryUsage.rss())
      },
    })
    expect(result).toMatchObject({ prompts: rows, responses: 2 * rows, judgements: rows, skipped: 0, failedCount: 0 })
    expect((highest - before) / mebibyte).toBeLessThan(200)
  } finally {
    await at.database.close()
  }
}, 1_800_000)
