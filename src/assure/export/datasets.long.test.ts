/** What `./plumbline export` writes loads in Hugging Face `datasets`. Needs Python 3.10 or newer; the first run makes a virtual environment. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runCommand } from '../../../test/command.ts'
import { type TestProject, testProject } from '../../../test/project.ts'
import { importFile } from '../../collect/prompts/import.ts'
import { claim } from '../../collect/tasks/queue.ts'
import { submit } from '../../collect/tasks/work.ts'
import { formatNamed } from '../../formats/index.ts'
import { catchUp } from '../../platform/events.ts'
import { consensusFollower } from '../consensus/store.ts'
import { exportCommands } from './cli.ts'

const venv = process.env.PLUMBLINE_DATASETS_VENV ?? join(tmpdir(), 'plumbline-datasets-venv')
const python = join(venv, 'bin', 'python')
const hh = fileURLToPath(new URL('../../../../shared/data/hh-rlhf/harmless-base.first1800.jsonl.gz', import.meta.url))

function missing(): string | undefined {
  if (!existsSync(hh)) return '../shared/data is not there'
  const isReady = () => existsSync(python) && spawnSync(python, ['-c', 'import datasets']).status === 0
  if (isReady()) return undefined
  const run = (command: string, ...args: string[]) =>
    spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
  const made = run('python3', '-m', 'venv', venv) && run(join(venv, 'bin', 'pip'), 'install', '-q', 'datasets==5.0.1')
  return made && isReady() ? undefined : 'there is no Python with pip that can install datasets'
}

const why = missing()
const script = `
import json, sys
from datasets import load_dataset
kind, path = sys.argv[1:]
rows = load_dataset(kind, data_files=path, split='train')
print(json.dumps({'rows': len(rows), 'columns': rows.column_names, 'first': rows[0]}))
`

describe.skipIf(why !== undefined)(`real pairs, judged and exported${why ? ` (SKIPPED: ${why})` : ''}`, () => {
  let at: TestProject
  const folder = mkdtempSync(join(tmpdir(), 'plumbline-datasets-'))
  beforeAll(async () => {
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
    for (let n = 0; n < 50; n++) {
      const lease = (await claim(
        at.db,
        { person, project: at.project, role: 'annotator', skills: [] },
        at.clock.read(),
      ))!
      const answers = [{ step: 'compare', payload: { strength: n % 2 ? 2 : -2 } }]
      await submit(at.platform, { assignment: lease.id, person, key: lease.id, answers, activeMs: 1 })
    }
    await catchUp(at.db, [consensusFollower])
    vi.stubEnv('DATABASE_URL', at.database.url)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true, force: true })
    await at.database.close()
  })

  it.each([
    ['trl-preference', 'jsonl', ['prompt', 'chosen', 'rejected']],
    ['trl-preference-implicit', 'jsonl', ['chosen', 'rejected']],
    ['trl-preference-conversational', 'jsonl', ['prompt', 'chosen', 'rejected']],
    ['hh', 'jsonl', ['chosen', 'rejected']],
    ['trl-preference', 'parquet', ['prompt', 'chosen', 'rejected']],
    ['annotations', 'jsonl', ['kind', 'payload']],
    ['annotations', 'parquet', ['kind', 'payload']],
    ['annotations-csv', 'csv', ['prompt', 'response_1', 'response_2', 'strength', 'aspect_safety']],
    ['consensus', 'parquet', ['label', 'tied', 'soft']],
  ] as const)('%s as %s', async (format, packing, columns) => {
    const file = join(folder, `${format}.${packing}`)
    const command = ['export', '--project', at.project, '--format', format, '--packing', packing, '--out', file]
    const written = JSON.parse((await runCommand(exportCommands, ...command, '--json')).out)
    const kind = packing === 'jsonl' ? 'json' : packing
    const { stdout, stderr, status } = spawnSync(python, ['-c', script, kind, file], {
      encoding: 'utf8',
      env: { ...process.env, HF_HUB_OFFLINE: '1', HF_DATASETS_CACHE: join(folder, 'cache') },
    })
    expect(status, stderr).toBe(0)
    const loaded = JSON.parse(stdout.trim().split('\n').at(-1)!)
    expect(loaded.rows).toBe(written.rows)
    expect(loaded.rows).toBeGreaterThan(40)
    expect(loaded.columns).toEqual(expect.arrayContaining([...columns]))
  })
})
