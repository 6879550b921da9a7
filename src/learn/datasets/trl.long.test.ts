/** Dataset folders train a step of TRL's trainers unchanged. Needs Python, see `test/python.ts`. */
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestProject, testProject } from '../../../test/project.ts'
import { askPython, missingTrainerPython } from '../../../test/python.ts'
import { importFile } from '../../collect/prompts/import.ts'
import { claim } from '../../collect/tasks/queue.ts'
import { submit } from '../../collect/tasks/work.ts'
import { formatNamed } from '../../formats/index.ts'
import { openDataset } from './export.ts'
import type { Snapshot } from './read.ts'
import { takeSnapshot } from './store.ts'

const hh = fileURLToPath(new URL('../../../../shared/data/hh-rlhf/harmless-base.first1800.jsonl.gz', import.meta.url))
const script = fileURLToPath(new URL('../../../python/datasets/train_one_step.py', import.meta.url))
const why = existsSync(hh) ? missingTrainerPython() : '../shared/data is not there'

describe.skipIf(why !== undefined)(`a dataset of HH pairs${why ? ` (SKIPPED: ${why})` : ''}`, () => {
  let at: TestProject
  let snapshot: Snapshot
  const root = mkdtempSync(join(tmpdir(), 'plumbline-trl-'))
  beforeAll(async () => {
    process.env.HF_DATASETS_CACHE = join(root, 'cache')
    at = await testProject({ tasks: 0, annotators: 1 })
    await importFile(at.db, {
      project: at.project,
      format: formatNamed('hh'),
      async *open() {
        yield readFileSync(hh)
      },
      fileName: 'hh.jsonl.gz',
      tasks: { overlap: 1 },
      onProblem: 'keep-the-rest',
      actor: 'operator',
      clock: at.clock.read,
    })
    const person = at.annotators[0]!.id
    for (let n = 0; n < 100; n++) {
      const claimer = { person, project: at.project, role: 'annotator' as const, skills: [] }
      const lease = (await claim(at.db, claimer, at.clock.read()))!
      const answers = [{ step: 'compare', payload: { strength: n % 2 ? 2 : -2 } }]
      await submit(at.platform, { assignment: lease.id, person, key: lease.id, answers, activeMs: 1 })
    }
    const wanted = { project: at.project, kind: 'preference' as const, filters: { split: { test: 0.2 } } }
    snapshot = await takeSnapshot(at.db, wanted, at.clock.read())
  }, 60_000)
  afterAll(async () => {
    rmSync(root, { recursive: true, force: true })
    await at.database.close()
  })

  it('trains a step of each trainer', async () => {
    const asked: string[] = []
    const expected: object[] = []
    for (const [trainer, format, packing] of [
      ['reward', 'trl-preference', 'jsonl'],
      ['reward', 'trl-preference-implicit', 'jsonl'],
      ['reward', 'trl-preference-conversational', 'parquet'],
      ['dpo', 'trl-preference', 'jsonl'],
      ['dpo', 'trl-preference', 'parquet'],
      ['dpo', 'trl-preference-conversational', 'jsonl'],
      ['kto', 'kto', 'jsonl'],
      ['sft', 'trl-prompt-completion', 'jsonl'],
      ['sft', 'trl-prompt-completion-conversational', 'parquet'],
    ] as const) {
      const folder = join(root, `${trainer}-${format}-${packing}`)
      mkdirSync(folder)
      writeFileSync(join(folder, 'README.md'), snapshot.card)
      const splits: Record<string, number> = {}
      for (const split of ['train', 'test'] as const) {
        const { bytes, rows } = openDataset(at.db, snapshot, { format, packing, split })
        await pipeline(Readable.from(bytes), createWriteStream(join(folder, `${split}.${packing}`)))
        splits[split] = rows()
      }
      expect(splits.test).toBeGreaterThan(0)
      asked.push(trainer, folder)
      expected.push({ splits, steps: 1 })
    }
    expect(askPython(script, ...asked)).toMatchObject(expected)
  })
})
